// The timeline of an issue or pull request: its events, and between them the comments, reviews and commits.
#include <fmt/format.h>

#include <algorithm>

#include "sim/event_kind.h"
#include "sim/graph_nodes.h"

namespace hubkeep::sim {

using nlohmann::json;

namespace {

struct TimelineItem {
  UtcTime at{};
  std::string key;  // sorts as the items do
  std::string_view type;
  GraphFunction value;
};

/// "LABELED_EVENT" of "LabeledEvent"
std::string item_type(std::string_view type) {
  std::string out;
  for (const char c : type) {
    if (std::isupper(static_cast<unsigned char>(c)) != 0 && !out.empty()) out += '_';
    out += static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  }
  return out;
}

GraphObject label_named(const std::string& name, const Home& home) {
  for (const auto& [id, label] : home->metadata.labels) {
    if (label.name == name)
      return {"Label", {{"id", node_id("LA", id)}, {"name", name}, {"color", label.color}}};
  }
  return {"Label", {{"id", node_id("LA", 0)}, {"name", name}, {"color", "ededed"}}};
}

/// What the event's kind adds to its id, its time and its actor.
GraphFields special_fields(const Event& event, const Home& home, const GraphExecution& execution) {
  const GraphValue other = event.source ? item_value(*event.source, execution) : GraphValue();
  const bool is_elsewhere = event.source && event.source->repository != home->repository.id;
  const auto commit = [&](const std::string& oid) {
    return oid.empty() ? GraphValue() : GraphValue(commit_object(oid, nullptr, execution));
  };
  switch (event.kind) {
    case EventKind::labeled:
    case EventKind::unlabeled:
      return {{"label", label_named(event.subject, home)}};
    case EventKind::milestoned:
    case EventKind::demilestoned:
      return {{"milestoneTitle", event.subject}};
    case EventKind::assigned:
    case EventKind::unassigned:
      return {{"assignee", actor_value(event.subject, execution)},
              {"user", actor_value(event.subject, execution)}};
    case EventKind::renamed:
      return {{"previousTitle", event.before}, {"currentTitle", event.after}};
    case EventKind::closed:
      return {{"stateReason", event.subject.empty() ? GraphValue() : GraphValue(enum_name(event.subject))},
              {"closer", other}};
    case EventKind::reopened:
      return {{"stateReason", "REOPENED"}};
    case EventKind::locked:
      return {{"lockReason", event.subject.empty() ? GraphValue() : GraphValue(enum_name(event.subject))}};
    case EventKind::cross_referenced:
      return {{"isCrossRepository", is_elsewhere},
              {"referencedAt", event.created_at},
              {"willCloseTarget", false},
              {"source", other}};
    case EventKind::referenced:
      return {{"isCrossRepository", false},
              {"isDirectReference", true},
              {"commit", commit(event.subject)},
              {"commitRepository", repository_value(home, execution)}};
    case EventKind::comment_deleted:
      return {{"deletedCommentAuthor", actor_value(event.subject, execution)}};
    case EventKind::transferred: {
      const Home from = event.source ? home_of(event.source->repository, execution) : nullptr;
      return {{"fromRepository", repository_value(from, execution)}};
    }
    case EventKind::marked_as_duplicate:
      return {{"isCrossRepository", is_elsewhere}, {"canonical", other}};
    case EventKind::merged:
      return {{"commit", commit(event.subject)}, {"mergeRefName", "main"}};
    case EventKind::review_requested:
      return {{"requestedReviewer", actor_value(event.subject, execution)}};
    case EventKind::head_ref_deleted:
      return {{"headRefName", event.subject}};
    case EventKind::head_ref_force_pushed:
      return {{"beforeCommit", commit(event.before)}, {"afterCommit", commit(event.after)}};
    case EventKind::sub_issue_added:
    case EventKind::sub_issue_removed:
      return {{"subIssue", other}};
    case EventKind::parent_issue_added:
    case EventKind::parent_issue_removed:
      return {{"parent", other}};
    default:
      return {};
  }
}

GraphValue event_value(const Event& event, const Home& home, const Issue& issue,
                       const GraphExecution& execution) {
  const std::string_view type = names_of(event.kind).graphql;
  GraphFields fields = {{"id", fmt::format("{}_kwDO{:08x}", item_type(type).substr(0, 2), event.id)},
                        {"databaseId", event.id},
                        {"createdAt", event.created_at},
                        {"actor", actor_value(event.actor, execution)}};
  append(fields, special_fields(event, home, execution));
  if (event.kind == EventKind::review_dismissed)
    append(fields, {{"dismissalMessage", event.subject},
                    {"previousReviewState", event.before.empty() ? "APPROVED" : event.before},
                    {"review", review_value(home, issue.number, event.review, execution)}});
  return GraphObject{type, std::move(fields)};
}

TimelineItem item_of(UtcTime at, std::string_view type, std::int64_t id, GraphFunction value) {
  return {at, graph_key(at.time_since_epoch().count()) + std::string(type) + graph_key(id), type,
          std::move(value)};
}

/// A reference from where the token cannot look does not stand there.
bool is_hidden(const Event& event, const GraphExecution& execution) {
  if (event.kind != EventKind::cross_referenced || !event.source) return false;
  const Home from = home_of(event.source->repository, execution);
  return !from || !from->metadata.issues.contains(event.source->number);
}

std::vector<TimelineItem> all_items(const Home& home, const Issue& issue, const GraphExecution& execution) {
  std::vector<TimelineItem> out;
  for (const Event& event : issue.events) {
    const std::string_view type = names_of(event.kind).graphql;
    if (type.empty() || is_hidden(event, execution)) continue;
    out.push_back(item_of(event.created_at, type, event.id, [&event, home, &issue](const GraphField& field) {
      return event_value(event, home, issue, field.execution);
    }));
  }
  for (const CommentId id : issue.comments) {
    const UtcTime at = home->metadata.comments.at(id).post.created_at;
    out.push_back(item_of(at, "IssueComment", id, [home, id](const GraphField& field) {
      return comment_value(home, id, field.execution);
    }));
  }
  if (!issue.pull_request) return out;
  for (const Review& review : issue.pull_request->reviews) {
    out.push_back(item_of(review.post.created_at, "PullRequestReview", review.id,
                          [home, &issue, id = review.id](const GraphField& field) {
                            return review_value(home, issue.number, id, field.execution);
                          }));
  }
  std::int64_t place = 0;
  for (const PullCommit& commit : issue.pull_request->commits) {
    out.push_back(
        item_of(commit.committed_at, "PullRequestCommit", place++, [&commit](const GraphField& field) {
          return GraphObject{"PullRequestCommit",
                             {{"id", "PURC_" + commit.oid},
                              {"commit", commit_object(commit.oid, &commit, field.execution)}}};
        }));
  }
  return out;
}

}  // namespace

/// Of a pull request, totalCount counts also what itemTypes leaves out.
GraphConnection timeline_of(const Home& home, const Issue& issue, const GraphField& field) {
  std::vector<TimelineItem> items = all_items(home, issue, field.execution);
  const std::size_t all = items.size();
  const json types = field.argument("itemTypes");
  const json since_text = field.argument("since");
  const auto since = since_text.is_string() ? parse_time(since_text.get<std::string>()) : std::nullopt;
  std::erase_if(items, [&](const TimelineItem& each) {
    const bool is_wanted =
        !types.is_array() || std::find(types.begin(), types.end(), item_type(each.type)) != types.end();
    return !is_wanted || (since && each.at < *since);
  });
  std::sort(items.begin(), items.end(),
            [](const TimelineItem& a, const TimelineItem& b) { return a.key < b.key; });
  const auto shared = std::make_shared<const std::vector<TimelineItem>>(std::move(items));
  const UtcTime newest = shared->empty() ? issue.post.updated_at : shared->back().at;
  return {.of = issue.pull_request ? "PullRequestTimelineItems" : "IssueTimelineItems",
          .count = shared->size(),
          .node = [shared](std::size_t i) -> GraphValue { return (*shared)[i].value; },
          .key = [shared](std::size_t i) { return (*shared)[i].key; },
          .more = {{"totalCount", issue.pull_request ? all : shared->size()},
                   {"filteredCount", shared->size()},
                   {"pageCount", shared->size()},
                   {"updatedAt", newest}}};
}

}  // namespace hubkeep::sim
