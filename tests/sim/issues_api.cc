#include "sim/issues_api.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

#include "sim/event_kind.h"
#include "sim/issues_json.h"
#include "sim/permissions.h"
#include "sim/walks.h"

namespace hubkeep::sim {

using nlohmann::json;

namespace {

using Numbers = std::vector<std::int64_t>;

constexpr Need kIssues = {"issues=read"};
constexpr Need kBoth = {"issues=read; pull_requests=read"};
constexpr Need kContents = {"contents=read"};

HttpResponse not_found() {
  return api_error(404, "Not Found");
}

/// Of one kind: the list's default is newest first, by creation.
bool is_ascending(const Query& query) {
  return parameter_of(query, "direction", "desc") == "asc";
}

/// Comments are oldest first, and heed `direction` beside `sort` alone.
bool is_ascending_comments(const Query& query) {
  return parameter_of(query, "sort").empty() || parameter_of(query, "direction", "desc") == "asc";
}

template <typename Things>
Walk walk_of_comments(const Things& things, const UpdateOrder& order, const Query& query) {
  const bool ascending = is_ascending_comments(query);
  if (parameter_of(query, "sort") == "updated") return walk_by_update(order, query, ascending);
  const auto since = parse_time(parameter_of(query, "since"));
  Numbers ids;
  for (const auto& [id, thing] : things) {
    if (!since || thing.post.updated_at >= *since) ids.push_back(id);
  }
  if (!ascending) std::reverse(ids.begin(), ids.end());
  return walk_of(std::move(ids));
}

bool is_wanted(const Issue& issue, const Query& query) {
  const std::string state = parameter_of(query, "state", "open");
  const auto since = parse_time(parameter_of(query, "since"));
  return (state == "all" || (state == "open") == issue.open) && (!since || issue.post.updated_at >= *since);
}

Walk walk_of_issues(const RepositoryView& view, const Query& query) {
  const std::string sort = parameter_of(query, "sort", "created");
  if (sort == "updated" && parameter_of(query, "state", "open") == "all")
    return walk_by_update(view.all.issues_by_update, query, is_ascending(query));
  Numbers numbers;
  for (const auto& [number, issue] : view.all.issues) {
    if (is_wanted(issue, query)) numbers.push_back(number);
  }
  const auto key = [&](std::int64_t number) {
    const Issue& issue = view.all.issues.at(number);
    return std::tuple(sort == "updated" ? issue.post.updated_at : UtcTime{},
                      sort == "comments" ? issue.comments.size() : 0, number);
  };
  std::sort(numbers.begin(), numbers.end(), [&](std::int64_t a, std::int64_t b) { return key(a) < key(b); });
  if (!is_ascending(query)) std::reverse(numbers.begin(), numbers.end());
  return walk_of(std::move(numbers));
}

HttpResponse list_of_issues(const RepositoryView& view, const Query& query) {
  if (!view.all.settings.has_issues) return api_error(410, "Issues are disabled for this repo");
  return cursor_list(view, walk_of_issues(view, query), "issues",
                     [&](std::int64_t number) { return issue_json(view.all.issues.at(number), view); });
}

HttpResponse list_of_comments(const RepositoryView& view, const Query& query) {
  return capped_list(view, walk_of_comments(view.all.comments, view.all.comments_by_update, query),
                     "issues/comments",
                     [&](std::int64_t id) { return comment_json(view.all.comments.at(id), view); });
}

/// Newest first.
HttpResponse list_of_events(const RepositoryView& view, const Issue* only) {
  std::vector<std::pair<const Event*, const Issue*>> events;
  for (const auto& [number, issue] : view.all.issues) {
    if (only != nullptr && only != &issue) continue;
    for (const Event& event : issue.events) {
      if (names_of(event.kind).in_events) events.emplace_back(&event, &issue);
    }
  }
  if (only == nullptr)
    std::sort(events.begin(), events.end(),
              [](const auto& a, const auto& b) { return b.first->id < a.first->id; });
  Numbers places(events.size());
  for (std::size_t i = 0; i < places.size(); ++i) places[i] = static_cast<std::int64_t>(i);
  const std::string below = only == nullptr ? "issues/events" : fmt::format("issues/{}/events", only->number);
  return capped_list(view, walk_of(std::move(places)), below, [&](std::int64_t place) {
    const auto& [event, issue] = events[static_cast<std::size_t>(place)];
    json out = event_json(*event, *issue, view);
    if (only != nullptr) out.erase("issue");
    return out;
  });
}

/// What GitHub says of a number that is no issue any more.
HttpResponse gone_issue(const RepositoryView& view, std::int64_t number, std::string_view rest) {
  const auto gone = view.all.gone.find(number);
  if (gone == view.all.gone.end()) return not_found();
  if (!gone->second.transferred_to) return api_error(410, "This issue was deleted");
  const Place there = *gone->second.transferred_to;
  const auto repository = view.call.world.find_repository(there.repository);
  if (!repository || !view.call.world.can_read(view.call.caller.token, *repository)) return not_found();
  const std::string location = fmt::format("{}/repositories/{}/issues/{}{}", view.call.addresses.api,
                                           there.repository, there.number, rest);
  HttpResponse response = json_response(301, {{"message", "Moved Permanently"},
                                              {"url", location},
                                              {"documentation_url", "https://docs.github.com/rest"}});
  response.headers.emplace_back("Location", location);
  return response;
}

HttpResponse list_of_places(const RepositoryView& view, const std::vector<Place>& places,
                            const std::string& below) {
  Numbers indexes(places.size());
  for (std::size_t i = 0; i < indexes.size(); ++i) indexes[i] = static_cast<std::int64_t>(i);
  return capped_list(view, walk_of(std::move(indexes)), below, [&](std::int64_t index) -> json {
    const Place place = places[static_cast<std::size_t>(index)];
    const Repository repository = view.call.world.repository(place.repository);
    return view.call.world.metadata().read(place.repository, [&](const RepositoryMetadata& all) {
      return issue_json(all.issues.at(place.number), {view.call, repository, all});
    });
  });
}

HttpResponse list_of_reactions(const RepositoryView& view, const Post& post, const std::string& below) {
  Numbers places(post.reactions.size());
  for (std::size_t i = 0; i < places.size(); ++i) places[i] = static_cast<std::int64_t>(i);
  return capped_list(view, walk_of(std::move(places)), below, [&](std::int64_t place) {
    return reaction_json(post.reactions[static_cast<std::size_t>(place)], view);
  });
}

HttpResponse below_issue(const RepositoryView& view, const Issue& issue, const Segments& below) {
  const std::string path = fmt::format("issues/{}/{}", issue.number, below[2]);
  if (below.size() == 4 && below[2] == "dependencies") {
    if (below[3] == "blocked_by") return list_of_places(view, issue.blocked_by, path + "/blocked_by");
    if (below[3] == "blocking") return list_of_places(view, issue.blocking, path + "/blocking");
  }
  if (below.size() != 3) return not_found();
  if (below[2] == "events") return list_of_events(view, &issue);
  if (below[2] == "sub_issues") return list_of_places(view, issue.sub_issues, path);
  if (below[2] == "reactions") return list_of_reactions(view, issue.post, path);
  if (below[2] != "comments") return not_found();
  const auto since = parse_time(parameter_of(parse_query(view.call.request.query), "since"));
  Numbers ids;
  for (const CommentId id : issue.comments) {
    if (!since || view.all.comments.at(id).post.updated_at >= *since) ids.push_back(id);
  }
  return capped_list(view, walk_of(std::move(ids)), path,
                     [&](std::int64_t id) { return comment_json(view.all.comments.at(id), view); });
}

HttpResponse one_comment(const RepositoryView& view, const Segments& below) {
  const auto found = view.all.comments.find(number_or_zero(below[2]));
  if (found == view.all.comments.end()) return not_found();
  if (below.size() == 3) return json_response(200, comment_json(found->second, view));
  if (below.size() > 4 || below[3] != "reactions") return not_found();
  return list_of_reactions(view, found->second.post,
                           fmt::format("issues/comments/{}/reactions", found->first));
}

HttpResponse one_event(const RepositoryView& view, std::int64_t id) {
  for (const auto& [number, issue] : view.all.issues) {
    for (const Event& event : issue.events) {
      if (event.id == id && names_of(event.kind).in_events)
        return json_response(200, event_json(event, issue, view));
    }
  }
  return not_found();
}

HttpResponse issues_route(const RepositoryView& view, const Segments& below) {
  const Query query = parse_query(view.call.request.query);
  if (below.size() == 1) return list_of_issues(view, query);
  if (below[1] == "comments")
    return below.size() == 2 ? list_of_comments(view, query) : one_comment(view, below);
  if (below[1] == "events")
    return below.size() == 2 ? list_of_events(view, nullptr) : one_event(view, number_or_zero(below[2]));
  const std::int64_t number = number_or_zero(below[1]);
  const auto found = view.all.issues.find(number);
  if (found == view.all.issues.end()) {
    std::string rest;
    for (std::size_t i = 2; i < below.size(); ++i) rest += fmt::format("/{}", below[i]);
    return gone_issue(view, number, rest);
  }
  const Issue& issue = found->second;
  if (!view.all.settings.has_issues && !issue.pull_request)
    return api_error(410, "Issues are disabled for this repo");
  return below.size() == 2 ? json_response(200, issue_json(issue, view)) : below_issue(view, issue, below);
}

HttpResponse labels_route(const RepositoryView& view, const Segments& below) {
  if (below.size() == 1) {
    Numbers ids;
    for (const auto& [id, label] : view.all.labels) ids.push_back(id);
    return capped_list(view, walk_of(std::move(ids)), "labels",
                       [&](std::int64_t id) { return label_json(view.all.labels.at(id), view); });
  }
  for (const auto& [id, label] : view.all.labels) {
    if (label.name == below[1]) return json_response(200, label_json(label, view));
  }
  return not_found();
}

HttpResponse milestones_route(const RepositoryView& view, const Segments& below) {
  if (below.size() == 2) {
    const auto found = view.all.milestones.find(number_or_zero(below[1]));
    return found == view.all.milestones.end() ? not_found()
                                              : json_response(200, milestone_json(found->second, view));
  }
  const std::string state = parameter_of(parse_query(view.call.request.query), "state", "open");
  Numbers numbers;
  for (const auto& [number, milestone] : view.all.milestones) {
    if (state == "all" || (state == "open") == milestone.open) numbers.push_back(number);
  }
  return capped_list(view, walk_of(std::move(numbers)), "milestones", [&](std::int64_t number) {
    return milestone_json(view.all.milestones.at(number), view);
  });
}

HttpResponse commit_comments_route(const RepositoryView& view, const Segments& below) {
  if (below.size() == 2) {
    const auto found = view.all.commit_comments.find(number_or_zero(below[1]));
    return found == view.all.commit_comments.end()
               ? not_found()
               : json_response(200, commit_comment_json(found->second, view));
  }
  Numbers ids;
  for (const auto& [id, comment] : view.all.commit_comments) ids.push_back(id);
  return capped_list(view, walk_of(std::move(ids)), "comments", [&](std::int64_t id) {
    return commit_comment_json(view.all.commit_comments.at(id), view);
  });
}

struct Route {
  std::string_view first;
  Need need;
  std::size_t longest;
  HttpResponse (*answer)(const RepositoryView&, const Segments&);
};

constexpr Route kRoutes[] = {{"issues", kBoth, 4, issues_route},
                             {"labels", kBoth, 2, labels_route},
                             {"milestones", kBoth, 2, milestones_route},
                             {"comments", kContents, 2, commit_comments_route}};

}  // namespace

std::optional<HttpResponse> answer_issues(const ApiCall& call, const Segments& path) {
  const Segments below = below_repository(path);
  const auto* route = std::find_if(std::begin(kRoutes), std::end(kRoutes), [&](const Route& each) {
    return !below.empty() && below[0] == each.first && below.size() <= each.longest;
  });
  if (route == std::end(kRoutes)) return std::nullopt;
  const auto reached = reach_repository(call, path);
  if (const auto* instead = std::get_if<HttpResponse>(&reached)) return *instead;
  const auto& repository = std::get<Repository>(reached);
  // What lists issues wants their permission; what has comments is content with either.
  const bool of_issues = route->first == "issues" && (below.size() < 2 || below[1] != "comments");
  const Need need = of_issues ? kIssues : route->need;
  if (auto refusal = refuse(call, repository, need)) return refusal;
  return call.world.metadata().read(repository.id, [&](const RepositoryMetadata& all) {
    return with_permission(route->answer({call, repository, all}, below), call, need.permission);
  });
}

}  // namespace hubkeep::sim
