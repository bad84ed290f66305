// The endpoints of accounts: people and teams of organisations, followers, keys and watched repositories of
// users. GitHub's own links lead there by number: /user/{id}/… and /organizations/{id}/….
#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "sim/issues_json.h"
#include "sim/permissions.h"
#include "sim/settings_api.h"
#include "sim/walks.h"

namespace hubkeep::sim {

using nlohmann::json;

namespace {

constexpr std::string_view kNotPermitted = "You do not have permission to access this resource.";
constexpr Need kMembers = {"members=read", Role::reader, 403, kNotPermitted};
constexpr Need kHooks = {"organization_hooks=read", Role::administrator};
constexpr Need kRulesets = {"organization_administration=read", Role::administrator};
constexpr Need kProperties = {"organization_custom_properties=read", Role::reader, 403, kNotPermitted};
constexpr Need kIssueTypes = {"issue_types=read"};

HttpResponse list_of(const ApiCall& call, const std::vector<json>& all, const std::string& below) {
  return list_response(call, all.size(), call.addresses.api + below, [&](std::size_t i) { return all[i]; });
}

json minimal_repository(const ApiCall& call, const Repository& repository) {
  return repository_json(repository, call.caller.token, call.world, call.addresses, RepositoryDetail::listed);
}

/// Those that the caller may see.
std::vector<json> repositories_of(const ApiCall& call, const auto& ids) {
  std::vector<json> out;
  for (const RepositoryId id : ids) {
    const auto repository = call.world.find_repository(id);
    if (repository && call.world.can_read(call.caller.token, *repository))
      out.push_back(minimal_repository(call, *repository));
  }
  return out;
}

std::vector<json> users_of(const ApiCall& call, const auto& logins) {
  std::vector<json> out;
  for (const std::string& login : logins) out.push_back(user_json(login, call));
  return out;
}

std::vector<json> objects_of(const ApiCall& call, const AccountSettings& settings, const std::string& kind,
                             const std::string& address) {
  std::vector<json> out;
  const auto found = settings.objects.find(kind);
  if (found == settings.objects.end()) return out;
  for (const auto& [key, object] : found->second)
    out.push_back(with_address(object, call.addresses.api + address));
  return out;
}

std::optional<HttpResponse> team_route(const ApiCall& call, const Account& organization,
                                       const AccountSettings& settings, const Segments& path) {
  const auto found = settings.teams.find(std::string(path[3]));
  if (found == settings.teams.end()) return api_error(404, "Not Found");
  const Team& team = found->second;
  const std::string below = fmt::format("/organizations/{}/team/{}/{}", organization.id, team.id, path[4]);
  if (path[4] == "members") {
    std::vector<json> members;
    for (const auto& [login, role] : team.members) members.push_back(user_json(login, call));
    return list_of(call, members, below);
  }
  if (path[4] != "repos") return std::nullopt;
  std::vector<json> repositories;
  for (const auto& [id, permission] : team.repositories) {
    const auto repository = call.world.find_repository(id);
    if (!repository || !call.world.can_read(call.caller.token, *repository)) continue;
    json out = minimal_repository(call, *repository);
    out["role_name"] = permission;
    repositories.push_back(std::move(out));
  }
  return list_of(call, repositories, below);
}

std::vector<json> issue_types(const AccountSettings& settings) {
  std::vector<json> out;
  for (const auto& [name, type] : settings.issue_types)
    out.push_back({{"id", type.id},
                   {"node_id", node_id("IT", type.id)},
                   {"name", name},
                   {"description", type.description},
                   {"color", type.color},
                   {"is_enabled", type.enabled}});
  return out;
}

struct OrganizationList {
  std::string_view path;
  Need need;
  std::string_view scope;
  std::vector<json> (*list)(const ApiCall&, const Account&, const AccountSettings&);
};

constexpr OrganizationList kOrganizationLists[] = {
    {"members", kMembers, "read:org",
     [](const ApiCall& call, const Account& account, const AccountSettings&) {
       return users_of(call, account.members);
     }},
    {"teams", kMembers, "read:org",
     [](const ApiCall& call, const Account& account, const AccountSettings& settings) {
       std::vector<json> out;
       for (const auto& [slug, team] : settings.teams)
         out.push_back(team_json(team, "pull", account.login, call));
       return out;
     }},
    {"hooks", kHooks, "admin:org_hook",
     [](const ApiCall& call, const Account& account, const AccountSettings& settings) {
       return objects_of(call, settings, "hook", "/orgs/" + account.login);
     }},
    {"rulesets", kRulesets, "admin:org",
     [](const ApiCall& call, const Account& account, const AccountSettings& settings) {
       return objects_of(call, settings, "ruleset", "/orgs/" + account.login);
     }},
    {"properties/schema", kProperties, "read:org",
     [](const ApiCall& call, const Account& account, const AccountSettings& settings) {
       return objects_of(call, settings, "property", "/orgs/" + account.login);
     }},
    {"issue-types", kIssueTypes, "read:org",
     [](const ApiCall&, const Account&, const AccountSettings& settings) { return issue_types(settings); }},
};

std::optional<HttpResponse> organization_route(const ApiCall& call, const Account& organization,
                                               const Segments& path) {
  std::string whole(path[2]);
  for (std::size_t i = 3; i < path.size(); ++i) whole += fmt::format("/{}", path[i]);
  const bool of_team = path[2] == "teams" && path.size() == 5;
  const auto* found = std::find_if(std::begin(kOrganizationLists), std::end(kOrganizationLists),
                                   [&](const OrganizationList& each) { return each.path == whole; });
  if (!of_team && found == std::end(kOrganizationLists)) return std::nullopt;
  const Need& need = of_team ? kMembers : found->need;
  const std::string_view scope = of_team ? "read:org" : found->scope;
  if (organization.type != AccountType::organization) return api_error(404, "Not Found");
  if (whole == "members" && !call.caller.token) return json_response(200, json::array());  // none shows it
  if (auto refusal = refuse(call, organization, need, scope)) return refusal;
  return call.world.metadata().read_account(
      organization.login, [&](const AccountSettings& settings) -> std::optional<HttpResponse> {
        if (of_team) return team_route(call, organization, settings, path);
        const std::string below = fmt::format("/organizations/{}/{}", organization.id, whole);
        return with_permission(list_of(call, found->list(call, organization, settings), below), call,
                               need.permission);
      });
}

std::optional<HttpResponse> user_route(const ApiCall& call, const Account& user, std::string_view what) {
  const std::string below = fmt::format("/user/{}/{}", user.id, what);
  return call.world.metadata().read_account(
      user.login, [&](const AccountSettings& settings) -> std::optional<HttpResponse> {
        if (what == "followers") return list_of(call, users_of(call, settings.followers), below);
        if (what == "following") return list_of(call, users_of(call, settings.following), below);
        if (what == "subscriptions") return list_of(call, repositories_of(call, settings.watched), below);
        for (const auto& [path, kind] :
             {std::pair("keys", "key"), {"gpg_keys", "gpg_key"}, {"ssh_signing_keys", "ssh_signing_key"}}) {
          if (what == path)
            return list_of(call, objects_of(call, settings, kind, "/users/" + user.login), below);
        }
        return std::nullopt;
      });
}

bool is_of_users(std::string_view what) {
  constexpr std::string_view kOfUsers[] = {"followers", "following",        "subscriptions",
                                           "keys",      "ssh_signing_keys", "gpg_keys"};
  return std::find(std::begin(kOfUsers), std::end(kOfUsers), what) != std::end(kOfUsers);
}

/// /user/followers and the like: of whom the token is.
std::optional<HttpResponse> own_route(const ApiCall& call, std::string_view what) {
  if (!call.caller.token) return api_error(401, "Requires authentication");
  if (call.caller.token->kind == TokenKind::installation)
    return api_error(403, "Resource not accessible by integration");
  return user_route(call, call.world.find_account(call.caller.token->login).value_or(Account{}), what);
}

}  // namespace

json team_json(const Team& team, const std::string& permission, const std::string& organization,
               const ApiCall& call) {
  const std::string url = fmt::format("{}/teams/{}", call.addresses.api, team.id);
  json parent = nullptr;
  if (!team.parent.empty()) {
    parent = call.world.metadata().read_account(organization, [&](const AccountSettings& settings) -> json {
      const auto found = settings.teams.find(team.parent);
      return found == settings.teams.end() ? json(nullptr)
                                           : team_json(found->second, permission, organization, call);
    });
    if (parent.is_object()) parent.erase("parent");
  }
  return {{"id", team.id},
          {"node_id", node_id("T", team.id)},
          {"name", team.name},
          {"slug", team.slug},
          {"description", team.description},
          {"privacy", team.privacy},
          {"notification_setting", "notifications_enabled"},
          {"permission", permission},
          {"type", "organization"},
          {"organization_id", call.world.find_account(organization).value_or(Account{}).id},
          {"url", url},
          {"html_url", fmt::format("{}/orgs/{}/teams/{}", call.addresses.origin, organization, team.slug)},
          {"members_url", url + "/members{/member}"},
          {"repositories_url", url + "/repos"},
          {"parent", parent}};
}

std::optional<HttpResponse> answer_accounts(const ApiCall& call, const Segments& path) {
  const std::string_view first = path.front();
  if (first == "user" && path.size() == 2 && is_of_users(path[1])) return own_route(call, path[1]);
  if (path.size() < 3) return std::nullopt;
  const bool by_id = first == "user" || first == "organizations";
  const bool of_user = (first == "users" || first == "user") && path.size() == 3 && is_of_users(path[2]);
  const bool of_organization = first == "orgs" || first == "organizations";
  if (!of_user && !of_organization) return std::nullopt;
  const auto account =
      by_id ? call.world.find_account(number_or_zero(path[1])) : call.world.find_account(path[1]);
  if (!account) return of_user ? std::optional(api_error(404, "Not Found")) : std::nullopt;
  return of_user ? user_route(call, *account, path[2]) : organization_route(call, *account, path);
}

}  // namespace hubkeep::sim
