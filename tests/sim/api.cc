#include "sim/api.h"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>

#include "base/text.h"
#include "sim/app_api.h"
#include "sim/gists_api.h"
#include "sim/issues_api.h"
#include "sim/listing.h"
#include "sim/releases_api.h"
#include "sim/settings_api.h"
#include "sim/stars_api.h"

namespace hubkeep::sim {

using nlohmann::json;

namespace {

using Call = ApiCall;

HttpResponse list_response(const Call& call, const std::vector<Repository>& all, const std::string& url) {
  return list_response(call, all.size(), url, [&](std::size_t i) {
    return repository_json(all[i], call.caller.token, call.world, call.addresses, RepositoryDetail::listed);
  });
}

HttpResponse blocked_response(const Call& call, const Repository& repository) {
  bool dmca = repository.block == Block::dmca;
  int status = dmca ? 451 : 403;
  json body = error_json(status, "Repository access blocked");
  body["block"] = {
      {"reason", dmca ? "dmca" : "tos"},
      {"created_at", format_time(repository.updated_at)},
      {"html_url", call.addresses.origin + (dmca ? "/dmca/" : "/tos/") + repository.full_name()}};
  return json_response(status, body);
}

HttpResponse one_repository(const Call& call, const std::optional<Repository>& repository) {
  if (!repository || !call.world.can_read(call.caller.token, *repository)) return api_error(404, "Not Found");
  if (repository->block != Block::none) return blocked_response(call, *repository);
  return json_response(200, repository_json(*repository, call.caller.token, call.world, call.addresses,
                                            RepositoryDetail::full));
}

HttpResponse moved_to(const std::string& location) {
  HttpResponse response =
      json_response(301, {{"message", "Moved Permanently"},
                          {"url", location},
                          {"documentation_url",
                           "https://docs.github.com/rest/guides/best-practices-for-using-the-rest-api"
                           "#follow-redirects"}});
  response.headers.emplace_back("Location", location);
  return response;
}

HttpResponse repository_by_name(const Call& call, std::string_view owner, std::string_view name) {
  auto repository = call.world.find_repository(owner, name);
  bool visible = repository && call.world.can_read(call.caller.token, *repository);
  if (!visible || equals_ignoring_case(repository->full_name(), fmt::format("{}/{}", owner, name))) {
    return one_repository(call, repository);
  }
  return moved_to(fmt::format("{}/repositories/{}", call.addresses.api, repository->id));
}

HttpResponse own_route(const Call& call, const Segments& path) {
  if (!call.caller.token) return api_error(401, "Requires authentication");
  if (call.caller.token->kind == TokenKind::installation)
    return api_error(403, "Resource not accessible by integration");
  if (path.size() == 1) {
    auto account = call.world.find_account(call.caller.token->login);
    return json_response(200, private_user_json(*account, call.world, call.addresses));
  }
  auto all = own_repositories(call.world, *call.caller.token, parse_query(call.request.query));
  if (!all) {
    return api_error(422, "If you specify visibility or affiliation, you cannot specify type.");
  }
  return list_response(call, *all, call.addresses.api + "/user/repos");
}

HttpResponse account_route(const Call& call, const std::optional<Account>& account, bool wants_repositories) {
  if (!account) return api_error(404, "Not Found");
  if (!wants_repositories) return json_response(200, public_user_json(*account, call.world, call.addresses));
  auto all = user_repositories(call.world, *account, parse_query(call.request.query));
  return list_response(call, all, fmt::format("{}/user/{}/repos", call.addresses.api, account->id));
}

HttpResponse organization_route(const Call& call, const std::optional<Account>& account,
                                bool wants_repositories) {
  if (!account || account->type != AccountType::organization) return api_error(404, "Not Found");
  if (!wants_repositories) return json_response(200, organization_json(*account, call.world, call.addresses));
  auto all =
      organization_repositories(call.world, *account, call.caller.token, parse_query(call.request.query));
  return list_response(call, all, fmt::format("{}/organizations/{}/repos", call.addresses.api, account->id));
}

HttpResponse route(const Call& call, const Segments& path) {
  std::string_view first = path.empty() ? "" : path[0];
  bool repos = path.back() == "repos";
  if (first == "user" && (path.size() == 1 || (path.size() == 2 && repos))) return own_route(call, path);
  if (first == "user" && path.size() == 3 && repos) {
    return account_route(call, call.world.find_account(number_or_zero(path[1])), true);
  }
  if (first == "organizations" && path.size() == 3 && repos) {
    return organization_route(call, call.world.find_account(number_or_zero(path[1])), true);
  }
  if (first == "users" && (path.size() == 2 || (path.size() == 3 && repos))) {
    return account_route(call, call.world.find_account(path[1]), path.size() == 3);
  }
  if (first == "orgs" && (path.size() == 2 || (path.size() == 3 && repos))) {
    return organization_route(call, call.world.find_account(path[1]), path.size() == 3);
  }
  if (first == "repos" && path.size() == 3) return repository_by_name(call, path[1], path[2]);
  if (first == "repositories" && path.size() == 2) {
    return one_repository(call, call.world.find_repository(number_or_zero(path[1])));
  }
  return api_error(404, "Not Found");
}

}  // namespace

std::variant<Repository, HttpResponse> reach_repository(const ApiCall& call, const Segments& path) {
  const bool by_name = path.front() == "repos";
  auto repository = by_name ? call.world.find_repository(path[1], path[2])
                            : call.world.find_repository(number_or_zero(path[1]));
  if (!repository || !call.world.can_read(call.caller.token, *repository)) return api_error(404, "Not Found");
  if (by_name && !equals_ignoring_case(repository->full_name(), fmt::format("{}/{}", path[1], path[2]))) {
    std::string location = fmt::format("{}/repositories/{}", call.addresses.api, repository->id);
    for (std::string_view each : below_repository(path)) location += fmt::format("/{}", each);
    if (!call.request.query.empty()) location += "?" + call.request.query;
    return moved_to(location);
  }
  if (repository->block != Block::none) return blocked_response(call, *repository);
  return *std::move(repository);
}

Segments below_repository(const Segments& path) {
  const std::size_t prefix = path.front() == "repos" ? 3 : path.front() == "repositories" ? 2 : path.size();
  return {path.begin() + static_cast<std::ptrdiff_t>(std::min(prefix, path.size())), path.end()};
}

HttpResponse list_response(const ApiCall& call, std::size_t count, const std::string& url,
                           const std::function<json(std::size_t)>& item) {
  const PageRange page = cut_range(count, parse_query(call.request.query), url);
  json body = json::array();
  for (std::size_t i = page.begin; i < page.end; ++i) body.push_back(item(i));
  HttpResponse response = json_response(200, body);
  if (!page.link.empty()) response.headers.emplace_back("Link", page.link);
  return response;
}

std::int64_t number_or_zero(std::string_view text) {
  std::int64_t value = 0;
  auto result = std::from_chars(text.data(), text.data() + text.size(), value);
  return result.ptr == text.data() + text.size() ? value : 0;
}

HttpResponse json_response(int status, const json& body) {
  HttpResponse response;
  response.status = status;
  response.headers.emplace_back("Content-Type", "application/json; charset=utf-8");
  response.body = body.dump();
  return response;
}

HttpResponse api_error(int status, const std::string& message) {
  return json_response(status, error_json(status, message));
}

Caller identify(const World& world, const Headers& headers) {
  Caller out;
  std::string authorization = header_value(headers, "Authorization");
  auto space = authorization.find(' ');
  if (space == std::string::npos) return out;
  out.scheme = authorization.substr(0, space);
  std::string value = authorization.substr(space + 1);
  if (equals_ignoring_case(out.scheme, "Basic")) {
    std::string pair = base64_decode(value);
    auto colon = pair.find(':');
    std::string password = colon == std::string::npos ? "" : pair.substr(colon + 1);
    value = password.empty() || password == "x-oauth-basic" ? pair.substr(0, colon) : password;
  }
  out.token_present = !value.empty();
  out.token = world.find_token(value);
  return out;
}

std::string entity_tag(const Headers& request_headers, const std::string& body) {
  std::string text =
      header_value(request_headers, "Accept") + ":" + header_value(request_headers, "Authorization") + ":";
  if (has_header(request_headers, "Cookie")) text += header_value(request_headers, "Cookie") + ":";
  text += body;
  std::string digest(EVP_MAX_MD_SIZE, '\0');
  unsigned size = 0;
  EVP_Digest(text.data(), text.size(), reinterpret_cast<unsigned char*>(digest.data()), &size, EVP_sha256(),
             nullptr);
  digest.resize(size);
  return fmt::format("W/\"{}\"", to_hex(digest));
}

HttpResponse answer_api(World& world, const ApiAddresses& addresses, const HttpRequest& request,
                        const std::string& path, const Caller& caller) {
  if (auto answer = answer_app_api(world, addresses, request, path, caller)) return *std::move(answer);
  if (caller.token_present && !caller.token) return api_error(401, "Bad credentials");
  if (request.method != "GET" && request.method != "HEAD") return api_error(404, "Not Found");
  Segments segments = split(path.starts_with('/') ? std::string_view(path).substr(1) : path, '/');
  const Call call{world, addresses, request, caller};
  if (auto answer = answer_gists(call, segments)) return *std::move(answer);
  if (auto answer = answer_releases(call, segments)) return *std::move(answer);
  if (auto answer = answer_stars(call, segments)) return *std::move(answer);
  if (auto answer = answer_issues(call, segments)) return *std::move(answer);
  if (auto answer = answer_pulls(call, segments)) return *std::move(answer);
  if (auto answer = answer_settings(call, segments)) return *std::move(answer);
  if (auto answer = answer_accounts(call, segments)) return *std::move(answer);
  return route(call, segments);
}

}  // namespace hubkeep::sim
