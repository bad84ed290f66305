// The endpoints of pull requests; the rest of them is that of issues.
#include <fmt/format.h>

#include <algorithm>
#include <tuple>

#include "sim/issues_api.h"
#include "sim/issues_json.h"
#include "sim/permissions.h"
#include "sim/walks.h"

namespace hubkeep::sim {

namespace {

using Numbers = std::vector<std::int64_t>;

constexpr Need kPulls = {"pull_requests=read"};
constexpr std::size_t kMostCommits = 250;  // GitHub: "Lists a maximum of 250 commits for a pull request"

HttpResponse not_found() {
  return api_error(404, "Not Found");
}

/// Newest first by creation, and oldest first by all else, unless it is said.
HttpResponse list_of_pulls(const RepositoryView& view, const Query& query) {
  const std::string state = parameter_of(query, "state", "open");
  const bool by_update = parameter_of(query, "sort", "created") == "updated";
  Numbers numbers;
  for (const auto& [number, issue] : view.all.issues) {
    if (issue.pull_request && (state == "all" || (state == "open") == issue.open)) numbers.push_back(number);
  }
  if (by_update)
    std::sort(numbers.begin(), numbers.end(), [&](std::int64_t a, std::int64_t b) {
      return std::tuple(view.all.issues.at(a).post.updated_at, a) <
             std::tuple(view.all.issues.at(b).post.updated_at, b);
    });
  if (parameter_of(query, "direction", by_update ? "asc" : "desc") == "desc")
    std::reverse(numbers.begin(), numbers.end());
  return capped_list(view, walk_of(std::move(numbers)), "pulls", [&](std::int64_t number) {
    return pull_request_json(view.all.issues.at(number), view, RepositoryDetail::listed);
  });
}

HttpResponse list_of_review_comments(const RepositoryView& view, const Query& query,
                                     std::optional<std::int64_t> pull_request) {
  const std::string sort = parameter_of(query, "sort");
  const bool ascending = sort.empty() || parameter_of(query, "direction", "desc") == "asc";
  const auto since = parse_time(parameter_of(query, "since"));
  const auto item = [&](std::int64_t id) {
    return review_comment_json(view.all.review_comments.at(id), view);
  };
  if (!pull_request && sort == "updated")
    return capped_list(view, walk_by_update(view.all.review_comments_by_update, query, ascending),
                       "pulls/comments", item);
  Numbers ids;
  for (const auto& [id, comment] : view.all.review_comments) {
    if (pull_request && comment.pull_request != *pull_request) continue;
    if (!since || comment.post.updated_at >= *since) ids.push_back(id);
  }
  if (!ascending) std::reverse(ids.begin(), ids.end());
  return capped_list(view, walk_of(std::move(ids)),
                     pull_request ? fmt::format("pulls/{}/comments", *pull_request) : "pulls/comments", item);
}

HttpResponse one_review_comment(const RepositoryView& view, std::int64_t id) {
  const auto found = view.all.review_comments.find(id);
  return found == view.all.review_comments.end()
             ? not_found()
             : json_response(200, review_comment_json(found->second, view));
}

HttpResponse below_pull(const RepositoryView& view, const Issue& issue, std::string_view what) {
  const std::string path = fmt::format("pulls/{}/{}", issue.number, what);
  const PullRequest& pull_request = *issue.pull_request;
  const auto list = [&](std::size_t count, const auto& item) {
    Numbers places(count);
    for (std::size_t i = 0; i < count; ++i) places[i] = static_cast<std::int64_t>(i);
    return capped_list(view, walk_of(std::move(places)), path,
                       [&](std::int64_t place) { return item(static_cast<std::size_t>(place)); });
  };
  if (what == "comments")
    return list_of_review_comments(view, parse_query(view.call.request.query), issue.number);
  if (what == "reviews")
    return list(pull_request.reviews.size(),
                [&](std::size_t i) { return review_json(pull_request.reviews[i], issue, view); });
  if (what == "commits")
    return list(std::min(pull_request.commits.size(), kMostCommits),
                [&](std::size_t i) { return pull_commit_json(pull_request.commits[i], view); });
  return not_found();
}

HttpResponse pulls_route(const RepositoryView& view, const Segments& below) {
  if (!view.all.settings.has_pull_requests) return not_found();
  const Query query = parse_query(view.call.request.query);
  if (below.size() == 1) return list_of_pulls(view, query);
  if (below[1] == "comments")
    return below.size() == 2 ? list_of_review_comments(view, query, std::nullopt)
                             : one_review_comment(view, number_or_zero(below[2]));
  const auto found = view.all.issues.find(number_or_zero(below[1]));
  if (found == view.all.issues.end() || !found->second.pull_request) return not_found();
  if (below.size() == 3) return below_pull(view, found->second, below[2]);
  return json_response(200, pull_request_json(found->second, view, RepositoryDetail::full));
}

}  // namespace

std::optional<HttpResponse> answer_pulls(const ApiCall& call, const Segments& path) {
  const Segments below = below_repository(path);
  if (below.empty() || below[0] != "pulls" || below.size() > 3) return std::nullopt;
  const auto reached = reach_repository(call, path);
  if (const auto* instead = std::get_if<HttpResponse>(&reached)) return *instead;
  const auto& repository = std::get<Repository>(reached);
  if (auto refusal = refuse(call, repository, kPulls)) return refusal;
  return call.world.metadata().read(repository.id, [&](const RepositoryMetadata& all) {
    return with_permission(pulls_route({call, repository, all}, below), call, kPulls.permission);
  });
}

}  // namespace hubkeep::sim
