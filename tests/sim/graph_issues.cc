// Issues with what hangs on them, and the lists of a repository that have them. Pull requests are issues too,
// and have here what both have.
#include <fmt/format.h>

#include <algorithm>

#include "sim/graph_nodes.h"

namespace hubkeep::sim {

using nlohmann::json;

namespace {

using Entry = UpdateOrder::Entry;

GraphObject label_object(const Label& label, const Home& home) {
  return {"Label",
          {{"id", node_id("LA", label.id)},
           {"name", label.name},
           {"color", label.color},
           {"description", label.description},
           {"isDefault", label.is_default},
           {"createdAt", label.created_at},
           {"updatedAt", label.updated_at},
           {"url", home->url + "/labels/" + label.name}}};
}

GraphObject milestone_object(const Milestone& milestone, const Home& home, const GraphExecution& execution) {
  return {"Milestone",
          {{"id", node_id("MI", milestone.id)},
           {"number", milestone.number},
           {"title", milestone.title},
           {"description", milestone.description},
           {"state", milestone.open ? "OPEN" : "CLOSED"},
           {"closed", !milestone.open},
           {"creator", actor_value(milestone.creator, execution)},
           {"createdAt", milestone.created_at},
           {"updatedAt", milestone.updated_at},
           {"closedAt", milestone.closed_at},
           {"dueOn", milestone.due_on},
           {"url", fmt::format("{}/milestone/{}", home->url, milestone.number)}}};
}

GraphObject comment_object(const IssueComment& comment, const Home& home, const GraphExecution& execution) {
  const auto issue = home->metadata.issues.find(comment.issue);
  const bool is_pull = issue != home->metadata.issues.end() && issue->second.pull_request;
  const std::int64_t number = comment.issue;
  const GraphFunction item = [home, number](const GraphField& field) {
    return item_value(home, number, field.execution);
  };
  GraphFields fields = id_fields("IC", comment.id);
  append(fields, post_fields(comment.post, home, execution));
  append(fields, address_fields(fmt::format("{}/{}/{}#issuecomment-{}", home->url,
                                            is_pull ? "pull" : "issues", number, comment.id),
                                execution));
  append(fields, {{"issue", item}, {"pullRequest", is_pull ? GraphValue(item) : GraphValue()}});
  return {"IssueComment", std::move(fields)};
}

GraphConnection labels_of(const std::set<std::int64_t>& ids, const Home& home) {
  std::vector<const Label*> labels;
  for (const std::int64_t id : ids) {
    if (const auto found = home->metadata.labels.find(id); found != home->metadata.labels.end())
      labels.push_back(&found->second);
  }
  return by_id("Label", std::move(labels), [home](const Label& label) { return label_object(label, home); });
}

GraphConnection comments_of(const Issue& issue, const Home& home, const GraphExecution& execution) {
  std::vector<const IssueComment*> comments;
  for (const CommentId id : issue.comments) comments.push_back(&home->metadata.comments.at(id));
  return by_id("IssueComment", std::move(comments), [home, &execution](const IssueComment& comment) {
    return comment_object(comment, home, execution);
  });
}

GraphConnection users(const std::set<std::string>& logins, const GraphExecution& execution) {
  return connection_of(
      "User", logins.empty() ? std::vector<std::string>() : std::vector(logins.begin(), logins.end()),
      [&execution](const std::string& login) { return actor_value(login, execution); });
}

/// Those that the token cannot see are left out.
GraphConnection items_at(const char* of, const std::vector<Place>& places, const GraphExecution& execution) {
  std::vector<Place> seen;
  for (const Place& each : places) {
    if (home_of(each.repository, execution)) seen.push_back(each);
  }
  return connection_of(of, std::move(seen),
                       [&execution](Place place) { return item_value(place, execution); });
}

GraphFields issue_fields(const Home& home, const Issue& issue, const GraphExecution& execution) {
  const auto done = std::count_if(issue.sub_issues.begin(), issue.sub_issues.end(), [&](const Place& place) {
    const Home other = home_of(place.repository, execution);
    const auto found = other ? other->metadata.issues.find(place.number) : home->metadata.issues.end();
    return other && found != other->metadata.issues.end() && !found->second.open;
  });
  const auto all = static_cast<std::int64_t>(issue.sub_issues.size());
  return {{"state", issue.open ? "OPEN" : "CLOSED"},
          {"stateReason", issue.state_reason ? GraphValue(enum_name(*issue.state_reason)) : GraphValue()},
          {"isPinned", issue.pinned},
          {"parent", on_demand([&issue](const GraphField& field) {
             return issue.parent ? item_value(*issue.parent, field.execution) : GraphValue();
           })},
          {"subIssues", on_demand([&issue](const GraphField& field) {
             return items_at("Issue", issue.sub_issues, field.execution);
           })},
          {"subIssuesSummary", GraphObject{"SubIssuesSummary",
                                           {{"total", all},
                                            {"completed", std::int64_t{done}},
                                            {"percentCompleted", all == 0 ? 0 : done * 100 / all}}}},
          {"linkedBranches", GraphConnection{.of = "LinkedBranch"}}};
}

/// What issues and pull requests have alike.
GraphFields common_fields(const Home& home, const Issue& issue, const GraphExecution& execution) {
  const bool is_pull = issue.pull_request.has_value();
  const Place place{home->repository.id, issue.number};
  GraphFields fields = id_fields(is_pull ? "PR" : "I", issue.id);
  append(fields, post_fields(issue.post, home, execution));
  append(fields, address_fields(fmt::format("{}/{}/{}", home->url, is_pull ? "pull" : "issues", issue.number),
                                execution));
  append(fields,
         {{"number", issue.number},
          {"title", issue.title},
          {"closed", !issue.open},
          {"closedAt", issue.closed_at},
          {"locked", issue.locked},
          {"activeLockReason",
           issue.locked && issue.lock_reason ? GraphValue(enum_name(*issue.lock_reason)) : GraphValue()},
          {"repository",
           on_demand([home](const GraphField& field) { return repository_value(home, field.execution); })},
          {"labels", on_demand([home, &issue] { return labels_of(issue.labels, home); })},
          {"assignees",
           on_demand([&issue](const GraphField& field) { return users(issue.assignees, field.execution); })},
          {"milestone", on_demand([home, &issue](const GraphField& field) {
             return milestone_value(home, issue.milestone, field.execution);
           })},
          {"comments", on_demand([home, &issue](const GraphField& field) {
             return comments_of(issue, home, field.execution);
           })},
          {"timelineItems",
           on_demand([home, &issue](const GraphField& field) { return timeline_of(home, issue, field); })},
          {"projectItems",
           on_demand([place](const GraphField& field) { return project_items_of(place, field); })}});
  return fields;
}

/// Whether the arguments of a list of issues or pull requests let it stand there.
bool is_wanted(const Issue& issue, const RepositoryMetadata& metadata, const json& arguments) {
  const json states = arguments.value("states", json());
  const std::string state = issue.pull_request && issue.pull_request->merged_at ? "MERGED"
                            : issue.open                                        ? "OPEN"
                                                                                : "CLOSED";
  if (states.is_string() && states != state) return false;
  if (states.is_array() && std::find(states.begin(), states.end(), state) == states.end()) return false;
  const json labels = arguments.value("labels", json());
  if (!labels.is_array()) return true;
  return std::any_of(issue.labels.begin(), issue.labels.end(), [&](std::int64_t id) {
    const auto found = metadata.labels.find(id);
    return found != metadata.labels.end() &&
           std::find(labels.begin(), labels.end(), found->second.name) != labels.end();
  });
}

using Entries = std::shared_ptr<const std::vector<Entry>>;

Entries filtered(const Entries& all, const Home& home, const json& arguments, std::optional<UtcTime> since) {
  auto out = std::make_shared<std::vector<Entry>>();
  for (const Entry& each : *all) {
    const Issue& issue = home->metadata.issues.at(each.id);
    if (since && issue.post.updated_at < *since) continue;
    if (is_wanted(issue, home->metadata, arguments)) out->push_back(each);
  }
  return out;
}

std::string key_of(const Entry& entry) {
  return graph_key(entry.updated_at.time_since_epoch().count()) + graph_key(entry.id);
}

/// The field "issues" or "pullRequests" of a repository.
GraphConnection items_of(const Home& home, const GraphField& field, ItemKind kind) {
  json arguments = field.asked.arguments;
  const json order = arguments.value("orderBy", json::object());
  const bool by_update = order.value("field", "CREATED_AT") == "UPDATED_AT";
  const bool is_descending = order.value("direction", "ASC") == "DESC";
  const json filter = arguments.value("filterBy", json::object());
  for (const char* name : {"states", "labels"}) {
    if (filter.contains(name)) arguments[name] = filter[name];
  }
  std::optional<UtcTime> since;
  if (const json text = filter.value("since", json()); text.is_string())
    since = parse_time(text.get<std::string>());
  Entries entries = field.execution.scene().orders.of(home->repository.id, home->metadata, kind, by_update);
  if (since || arguments.contains("states") || arguments.contains("labels"))
    entries = filtered(entries, home, arguments, since);
  const auto entry_at = [entries, is_descending](std::size_t i) {
    return (*entries)[is_descending ? entries->size() - 1 - i : i];
  };
  GraphExecution& execution = field.execution;
  return {.of = kind == ItemKind::issue ? "Issue" : "PullRequest",
          .count = entries->size(),
          .node = [home, &execution,
                   entry_at](std::size_t i) { return item_value(home, entry_at(i).id, execution); },
          .key = [entry_at](std::size_t i) { return key_of(entry_at(i)); },
          .is_descending = is_descending};
}

GraphConnection milestones_of(const Home& home, const GraphField& field) {
  auto all = pointers_to(home->metadata.milestones);
  const json order = field.asked.arguments.value("orderBy", json::object());
  const std::string by = order.value("field", "NUMBER");
  const bool is_descending = order.value("direction", "ASC") == "DESC";
  const auto key = [by](const Milestone& each) {
    const UtcTime time = by == "UPDATED_AT"   ? each.updated_at
                         : by == "CREATED_AT" ? each.created_at
                                              : UtcTime{};
    return key_of({time, each.number});
  };
  std::sort(all.begin(), all.end(), [&](const Milestone* a, const Milestone* b) {
    return is_descending ? key(*b) < key(*a) : key(*a) < key(*b);
  });
  const auto shared = std::make_shared<const std::vector<const Milestone*>>(std::move(all));
  GraphExecution& execution = field.execution;
  return {.of = "Milestone",
          .count = shared->size(),
          .node = [shared, home, &execution](std::size_t i) -> GraphValue {
            return milestone_object(*(*shared)[i], home, execution);
          },
          .key = [shared, key](std::size_t i) { return key(*(*shared)[i]); },
          .is_descending = is_descending};
}

}  // namespace

GraphValue item_value(const Home& home, std::int64_t number, const GraphExecution& execution) {
  const auto found = home->metadata.issues.find(number);
  if (found == home->metadata.issues.end()) return nullptr;
  const Issue& issue = found->second;
  GraphFields fields = common_fields(home, issue, execution);
  append(fields, issue.pull_request ? pull_request_fields(home, issue, execution)
                                    : issue_fields(home, issue, execution));
  return GraphObject{issue.pull_request ? "PullRequest" : "Issue", std::move(fields)};
}

GraphValue item_value(Place place, const GraphExecution& execution) {
  const Home home = home_of(place.repository, execution);
  return home ? item_value(home, place.number, execution) : GraphValue();
}

GraphValue comment_value(const Home& home, CommentId id, const GraphExecution& execution) {
  return comment_object(home->metadata.comments.at(id), home, execution);
}

GraphValue commit_comment_value(const Home& home, CommentId id, const GraphExecution& execution) {
  const CommitComment& comment = home->metadata.commit_comments.at(id);
  GraphFields fields = id_fields("CC", comment.id);
  append(fields, post_fields(comment.post, home, execution));
  append(fields,
         address_fields(fmt::format("{}/commit/{}#commitcomment-{}", home->url, comment.commit, comment.id),
                        execution));
  append(fields, {{"path", comment.path},
                  {"position", comment.line},
                  {"commit", commit_object(comment.commit, nullptr, execution)}});
  return GraphObject{"CommitComment", std::move(fields)};
}

GraphValue label_value(const Home& home, std::int64_t id) {
  return label_object(home->metadata.labels.at(id), home);
}

GraphValue milestone_value(const Home& home, std::int64_t number, const GraphExecution& execution) {
  const auto found = home->metadata.milestones.find(number);
  return found == home->metadata.milestones.end() ? GraphValue()
                                                  : milestone_object(found->second, home, execution);
}

GraphFields issue_lists(const Home& home) {
  const auto one = [home](const char* type) {
    return on_demand([home, type = std::string_view(type)](const GraphField& field) -> GraphValue {
      const std::int64_t number = field.asked.arguments.value("number", std::int64_t{0});
      const auto found = home->metadata.issues.find(number);
      const bool is_there =
          found != home->metadata.issues.end() &&
          (type.empty() || found->second.pull_request.has_value() == (type == "PullRequest"));
      if (is_there) return item_value(home, number, field.execution);
      return field.execution.refuse(
          field.asked, graph_error("NOT_FOUND", fmt::format("Could not resolve to {} with the number of {}.",
                                                            type == "Issue" ? "an Issue"
                                                            : type.empty()  ? "an issue or pull request"
                                                                            : "a PullRequest",
                                                            number)));
    });
  };
  return {{"issues",
           on_demand([home](const GraphField& field) { return items_of(home, field, ItemKind::issue); })},
          {"pullRequests", on_demand([home](const GraphField& field) {
             return items_of(home, field, ItemKind::pull_request);
           })},
          {"issue", one("Issue")},
          {"pullRequest", one("PullRequest")},
          {"issueOrPullRequest", one("")},
          {"labels", on_demand([home] {
             return by_id("Label", pointers_to(home->metadata.labels),
                          [home](const Label& label) { return label_object(label, home); });
           })},
          {"milestones", on_demand([home](const GraphField& field) { return milestones_of(home, field); })},
          {"commitComments", on_demand([home](const GraphField& field) {
             GraphExecution& execution = field.execution;
             return by_id("CommitComment", pointers_to(home->metadata.commit_comments),
                          [home, &execution](const CommitComment& each) {
                            return commit_comment_value(home, each.id, execution);
                          });
           })}};
}

}  // namespace hubkeep::sim
