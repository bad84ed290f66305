#include "sim/app_api.h"

#include <fmt/format.h>

#include <charconv>
#include <nlohmann/json.hpp>
#include <variant>

#include "base/text.h"
#include "sim/listing.h"

namespace hubkeep::sim {

using nlohmann::json;

namespace {

using Segments = std::vector<std::string_view>;

constexpr std::int64_t kLongestLife = 600;  // of a JSON Web Token: ten minutes

struct AppCall {
  World& world;
  const ApiAddresses& addresses;
  const HttpRequest& request;
  const App& app;
};

json permissions_json() {
  return {{"contents", "read"}, {"metadata", "read"}};
}

json app_json(const App& app, const World& world, const ApiAddresses& addresses) {
  return {{"id", app.id},
          {"client_id", app.client_id},
          {"slug", app.slug},
          {"node_id", fmt::format("A_{}", app.id)},
          {"owner", simple_user_json(world.find_account(app.owner).value_or(Account{}), addresses)},
          {"name", app.slug},
          {"description", nullptr},
          {"external_url", addresses.origin},
          {"html_url", addresses.origin + "/apps/" + app.slug},
          {"created_at", "2026-01-02T03:04:05Z"},
          {"updated_at", "2026-01-02T03:04:05Z"},
          {"permissions", permissions_json()},
          {"events", json::array()}};
}

json installation_json(const AppCall& call, const Installation& installation) {
  Account account = call.world.find_account(installation.account).value_or(Account{});
  std::string url = fmt::format("{}/app/installations/{}", call.addresses.api, installation.id);
  json someone = simple_user_json(account, call.addresses);
  bool organization = account.type == AccountType::organization;
  return {{"id", installation.id},
          {"client_id", call.app.client_id},
          {"account", someone},
          {"repository_selection", installation.repositories ? "selected" : "all"},
          {"access_tokens_url", url + "/access_tokens"},
          {"repositories_url", call.addresses.api + "/installation/repositories"},
          {"html_url", fmt::format("{}/settings/installations/{}", call.addresses.origin, installation.id)},
          {"app_id", call.app.id},
          {"app_slug", call.app.slug},
          {"target_id", account.id},
          {"target_type", organization ? "Organization" : "User"},
          {"permissions", permissions_json()},
          {"events", json::array()},
          {"created_at", format_time(installation.created_at)},
          {"updated_at", format_time(installation.created_at)},
          {"single_file_name", nullptr},
          {"suspended_by", installation.suspended ? someone : json()},
          {"suspended_at", installation.suspended ? json(format_time(installation.created_at)) : json()}};
}

/// The App that asks, or why it is refused; the texts are GitHub's.
std::variant<App, HttpResponse> authenticate(const World& world, const HttpRequest& request) {
  std::string header = header_value(request.headers, "Authorization");
  if (!header.starts_with("Bearer ")) return api_error(401, "A JSON web token could not be decoded");
  std::string token = header.substr(7);
  auto claims = read_claims(token);
  if (!claims) return api_error(401, "A JSON web token could not be decoded");
  auto app = world.find_app(claims->issuer);
  if (!app) return api_error(404, "Integration not found");
  if (!is_signed_with(token, app->public_key)) return api_error(401, "A JSON web token could not be decoded");
  std::int64_t now = world.now().time_since_epoch().count();
  if (claims->issued_at > now)
    return api_error(
        401,
        "'Issued at' claim ('iat') must be an Integer representing the time that the assertion was "
        "issued");
  if (claims->expires_at <= now)
    return api_error(
        401,
        "'Expiration time' claim ('exp') must be a numeric value representing the future time at "
        "which the assertion expires");
  if (claims->expires_at > now + kLongestLife)
    return api_error(401, "'Expiration time' claim ('exp') is too far in the future");
  return *app;
}

HttpResponse installations(const AppCall& call) {
  json body = json::array();
  for (const Installation& each : call.world.installations_of(call.app.id))
    body.push_back(installation_json(call, each));
  return json_response(200, body);
}

HttpResponse installation_of(const AppCall& call, std::string_view account, AccountType type) {
  auto found = call.world.find_account(account);
  for (const Installation& each : call.world.installations_of(call.app.id)) {
    if (found && found->type == type && equals_ignoring_case(each.account, account))
      return json_response(200, installation_json(call, each));
  }
  return api_error(404, "Not Found");
}

HttpResponse installation_of_repository(const AppCall& call, std::string_view owner, std::string_view name) {
  auto repository = call.world.find_repository(owner, name);
  for (const Installation& each : call.world.installations_of(call.app.id)) {
    if (!repository || !equals_ignoring_case(each.account, repository->owner)) continue;
    if (each.repositories && !each.repositories->contains(repository->id)) continue;
    return json_response(200, installation_json(call, each));
  }
  return api_error(404, "Not Found");
}

HttpResponse make_token(const AppCall& call, std::string_view id_text) {
  InstallationId id = 0;
  std::from_chars(id_text.data(), id_text.data() + id_text.size(), id);
  auto installation = call.world.find_installation(id);
  if (!installation || installation->app != call.app.id) return api_error(404, "Not Found");
  if (installation->suspended) return api_error(403, "This installation has been suspended");
  Token token = call.world.add_installation_token(*installation);
  return json_response(201, {{"token", token.value},
                             {"expires_at", format_time(token.expires_at.value_or(UtcTime{}))},
                             {"permissions", permissions_json()},
                             {"repository_selection", installation->repositories ? "selected" : "all"}});
}

/// Nothing for another path or method.
std::optional<HttpResponse> answer_app(const AppCall& call, const Segments& path) {
  bool posted = call.request.method == "POST";
  if (path.size() == 4 && path[0] == "app" && path[1] == "installations" && path[3] == "access_tokens")
    return posted ? make_token(call, path[2]) : api_error(404, "Not Found");
  if (posted) return std::nullopt;
  if (path.size() == 1) return json_response(200, app_json(call.app, call.world, call.addresses));
  if (path.size() == 2 && path[1] == "installations") return installations(call);
  if (path.size() == 3 && path[0] == "orgs") return installation_of(call, path[1], AccountType::organization);
  if (path.size() == 3 && path[0] == "users") return installation_of(call, path[1], AccountType::user);
  if (path.size() == 4 && path[0] == "repos") return installation_of_repository(call, path[1], path[2]);
  return std::nullopt;
}

HttpResponse reached_repositories(const World& world, const ApiAddresses& addresses,
                                  const HttpRequest& request, const Caller& caller) {
  if (!caller.token)
    return api_error(401, caller.token_present ? "Bad credentials" : "Requires authentication");
  if (caller.token->kind != TokenKind::installation)
    return api_error(403,
                     "You must authenticate with an installation access token in order to list "
                     "repositories for an installation.");
  std::vector<Repository> all;
  for (Repository& repository : world.repositories()) {
    if (world.reaches(caller.token->installation, repository)) all.push_back(std::move(repository));
  }
  Page page = cut_page(all, parse_query(request.query), addresses.api + "/installation/repositories");
  json body = {{"total_count", all.size()}, {"repositories", json::array()}};
  for (const Repository& repository : page.repositories)
    body["repositories"].push_back(
        repository_json(repository, caller.token, world, addresses, RepositoryDetail::listed));
  HttpResponse response = json_response(200, body);
  if (!page.link.empty()) response.headers.emplace_back("Link", page.link);
  return response;
}

}  // namespace

std::optional<HttpResponse> answer_app_api(World& world, const ApiAddresses& addresses,
                                           const HttpRequest& request, const std::string& path,
                                           const Caller& caller) {
  Segments segments = split(path.starts_with('/') ? std::string_view(path).substr(1) : path, '/');
  if (path == "/installation/repositories") return reached_repositories(world, addresses, request, caller);
  bool for_apps = segments.front() == "app" || (segments.size() > 2 && segments.back() == "installation");
  if (!for_apps) return std::nullopt;
  auto app = authenticate(world, request);
  if (auto* refusal = std::get_if<HttpResponse>(&app)) return *refusal;
  return answer_app(AppCall{world, addresses, request, std::get<App>(app)}, segments);
}

}  // namespace hubkeep::sim
