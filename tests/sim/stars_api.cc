#include "sim/stars_api.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <tuple>

namespace hubkeep::sim {

using nlohmann::json;

namespace {

struct StarredRepository {
  Repository repository;
  UtcTime starred_at{};
};

/// Those that the caller may see; the parameters say in which order, else the newest star is first.
std::vector<StarredRepository> starred_by(const ApiCall& call, const std::string& login) {
  std::vector<StarredRepository> out;
  for (const auto& [id, time] : call.world.stars_of(login)) {
    const auto repository = call.world.find_repository(id);
    if (repository && call.world.can_read(call.caller.token, *repository)) out.push_back({*repository, time});
  }
  auto query = parse_query(call.request.query);
  const bool by_update = query["sort"] == "updated";
  const auto key = [&](const StarredRepository& star) {
    return std::tuple(by_update ? star.repository.updated_at : star.starred_at, star.repository.id);
  };
  const bool ascending = query["direction"] == "asc";
  std::sort(out.begin(), out.end(), [&](const StarredRepository& a, const StarredRepository& b) {
    return ascending ? key(a) < key(b) : key(b) < key(a);
  });
  return out;
}

HttpResponse list_of_stars(const ApiCall& call, const std::string& login, const std::string& url) {
  const std::vector<StarredRepository> all = starred_by(call, login);
  const bool with_time =
      header_value(call.request.headers, "Accept").find("vnd.github.star+json") != std::string::npos;
  return list_response(call, all.size(), call.addresses.api + url, [&](std::size_t i) {
    json repository = repository_json(all[i].repository, call.caller.token, call.world, call.addresses,
                                      RepositoryDetail::listed);
    if (!with_time) return repository;
    return json{{"starred_at", format_time(all[i].starred_at)}, {"repo", std::move(repository)}};
  });
}

HttpResponse own_stars(const ApiCall& call) {
  const auto& viewer = call.caller.token;
  if (!viewer) return api_error(401, "Requires authentication");
  if (viewer->kind == TokenKind::installation)
    return api_error(403, "Resource not accessible by integration");
  return list_of_stars(call, viewer->login, "/user/starred");
}

}  // namespace

std::optional<HttpResponse> answer_stars(const ApiCall& call, const Segments& path) {
  const bool by_id = path.front() == "user";
  if (path.size() < 2 || path.size() > 3 || path.back() != "starred") return std::nullopt;
  if (path.size() == 2) return by_id ? std::optional(own_stars(call)) : std::nullopt;
  if (!by_id && path.front() != "users") return std::nullopt;
  const auto account =
      by_id ? call.world.find_account(number_or_zero(path[1])) : call.world.find_account(path[1]);
  if (!account) return api_error(404, "Not Found");
  return list_of_stars(call, account->login, fmt::format("/user/{}/starred", account->id));
}

}  // namespace hubkeep::sim
