// One table of endpoints: what each wants, and which objects of the settings it lists.
#include "sim/settings_api.h"

#include <fmt/format.h>

#include <algorithm>

#include "sim/issues_json.h"
#include "sim/permissions.h"
#include "sim/walks.h"

namespace hubkeep::sim {

using nlohmann::json;

namespace {

constexpr std::string_view kMustAdminister = "Must have admin rights to Repository.";

/// `wrapper`: the field that has the list, beside "total_count"; "": the list is the answer.
struct Listed {
  std::string_view path;
  std::string_view kind;
  std::string_view wrapper;
  Need need;
};

constexpr Listed kListed[] = {
    {"hooks", "hook", "", {"repository_hooks=read", Role::administrator}},
    {"keys", "deploy_key", "", {"administration=read", Role::administrator}},
    {"invitations", "invitation", "", {"administration=read", Role::administrator}},
    {"autolinks", "autolink", "", {"administration=read", Role::administrator}},
    {"environments", "environment", "environments", {"actions=read"}},
    {"actions/variables",
     "variable",
     "variables",
     {"actions_variables=read", Role::writer, 403, kMustAdminister}},
    {"actions/secrets", "secret", "secrets", {"secrets=read", Role::writer, 403, kMustAdminister}},
    {"rulesets", "ruleset", "", {"metadata=read"}},
    {"security-advisories", "security_advisory", "", {"repository_advisories=read"}},
};

constexpr Need kPages = {"pages=read", Role::writer};
constexpr Need kInteractionLimits = {"administration=read", Role::administrator, 403, kMustAdminister};
constexpr Need kCollaborators = {"metadata=read", Role::writer, 403,
                                 "Must have push access to view repository collaborators."};
constexpr Need kTeams = {"administration=read", Role::administrator};
constexpr Need kMetadata = {"metadata=read"};

/// What the world knows of an object better than the object.
json completed(json object, std::string_view kind, const RepositoryView& view) {
  object = with_address(std::move(object), view.api());
  if (kind == "invitation") {
    object["repository"] = repository_json(view.repository, view.call.caller.token, view.call.world,
                                           view.call.addresses, RepositoryDetail::listed);
    object["node_id"] = node_id("RI", object["id"].get<std::int64_t>());
    for (const char* who : {"invitee", "inviter"})
      object[who] = user_json(object[who].get<std::string>(), view.call);
  }
  if (kind == "security_advisory") {
    for (const char* who : {"author", "publisher"}) {
      if (object[who].is_string()) object[who] = user_json(object[who].get<std::string>(), view.call);
    }
  }
  if (kind == "ruleset") {
    object["source"] = view.repository.full_name();
    object["node_id"] = node_id("RRS", object["id"].get<std::int64_t>());
  }
  return object;
}

const SettingsObjects& objects_of(const RepositoryView& view, std::string_view kind) {
  static const SettingsObjects none;
  const auto found = view.all.settings.objects.find(std::string(kind));
  return found == view.all.settings.objects.end() ? none : found->second;
}

/// What is not published only administrators see.
bool is_visible(const json& object, std::string_view kind, const RepositoryView& view) {
  if (kind != "security_advisory" || object.value("state", "") == "published") return true;
  return !refuse(view.call, view.repository, {"repository_advisories=read", Role::administrator});
}

HttpResponse list_of(const Listed& listed, const RepositoryView& view) {
  json items = json::array();
  for (const auto& [key, object] : objects_of(view, listed.kind)) {
    if (is_visible(object, listed.kind, view)) items.push_back(completed(object, listed.kind, view));
  }
  if (listed.kind == "ruleset") {
    for (json& ruleset : items) {
      for (const char* field : {"rules", "conditions", "bypass_actors"}) ruleset.erase(field);
    }
  }
  const std::string url =
      fmt::format("{}/repositories/{}/{}", view.call.addresses.api, view.repository.id, listed.path);
  HttpResponse response =
      list_response(view.call, items.size(), url, [&](std::size_t i) { return items[i]; });
  if (!listed.wrapper.empty()) {
    json body = {{"total_count", items.size()}};
    body[std::string(listed.wrapper)] = json::parse(response.body);
    response.body = body.dump();
  }
  return response;
}

HttpResponse one_of(const Listed& listed, const RepositoryView& view, const std::string& key) {
  const SettingsObjects& objects = objects_of(view, listed.kind);
  const auto found = objects.find(key);
  if (found == objects.end() || !is_visible(found->second, listed.kind, view))
    return api_error(404, "Not Found");
  return json_response(200, completed(found->second, listed.kind, view));
}

HttpResponse topics(const RepositoryView& view) {
  return json_response(200, {{"names", view.all.settings.topics}});
}

HttpResponse property_values(const RepositoryView& view) {
  json out = json::array();
  for (const auto& [name, value] : view.all.settings.properties.items())
    out.push_back({{"property_name", name}, {"value", value}});
  return json_response(200, out);
}

HttpResponse single(const RepositoryView& view, std::string_view kind, json otherwise) {
  const SettingsObjects& objects = objects_of(view, kind);
  const auto found = objects.find("-");
  if (found != objects.end()) return json_response(200, completed(found->second, kind, view));
  return otherwise.is_null() ? api_error(404, "Not Found") : json_response(200, otherwise);
}

HttpResponse pages(const RepositoryView& view) {
  return single(view, "pages", nullptr);
}

HttpResponse interaction_limits(const RepositoryView& view) {
  return single(view, "interaction_limits", json::object());
}

json collaborator_json(const std::string& login, bool admin, const RepositoryView& view) {
  json out = user_json(login, view.call);
  out["role_name"] = admin ? "admin" : "write";
  out["permissions"] = {
      {"admin", admin}, {"maintain", admin}, {"push", true}, {"triage", true}, {"pull", true}};
  return out;
}

HttpResponse collaborators(const RepositoryView& view) {
  const auto owner = view.call.world.find_account(view.repository.owner);
  Logins administrators;
  if (owner && owner->type == AccountType::user) administrators.insert(owner->login);
  if (owner) administrators.insert(owner->owners.begin(), owner->owners.end());
  std::vector<std::pair<std::string, bool>> all;
  for (const std::string& login : administrators) all.emplace_back(login, true);
  for (const std::string& login : view.repository.collaborators) {
    if (!administrators.contains(login)) all.emplace_back(login, false);
  }
  const std::string url =
      fmt::format("{}/repositories/{}/collaborators", view.call.addresses.api, view.repository.id);
  return list_response(view.call, all.size(), url,
                       [&](std::size_t i) { return collaborator_json(all[i].first, all[i].second, view); });
}

HttpResponse teams(const RepositoryView& view) {
  const auto all =
      view.call.world.metadata().read_account(view.repository.owner, [&](const AccountSettings& account) {
        std::vector<json> out;
        for (const auto& [slug, team] : account.teams) {
          const auto found = team.repositories.find(view.repository.id);
          if (found != team.repositories.end())
            out.push_back(team_json(team, found->second, view.repository.owner, view.call));
        }
        return out;
      });
  const std::string url =
      fmt::format("{}/repositories/{}/teams", view.call.addresses.api, view.repository.id);
  return list_response(view.call, all.size(), url, [&](std::size_t i) { return all[i]; });
}

struct Single {
  std::string_view path;
  Need need;
  HttpResponse (*answer)(const RepositoryView&);
};

constexpr Single kSingles[] = {{"topics", kMetadata, topics},
                               {"properties/values", kMetadata, property_values},
                               {"pages", kPages, pages},
                               {"interaction-limits", kInteractionLimits, interaction_limits},
                               {"collaborators", kCollaborators, collaborators},
                               {"teams", kTeams, teams}};

/// What follows `path` in `whole`, without the slash; nothing where it does not begin with it.
std::optional<std::string> rest_after(const std::string& whole, std::string_view path) {
  if (!whole.starts_with(path)) return std::nullopt;
  if (whole.size() == path.size()) return "";
  return whole[path.size()] == '/' ? std::optional(whole.substr(path.size() + 1)) : std::nullopt;
}

template <typename Answer>
HttpResponse answered(const ApiCall& call, const Segments& path, const Need& need, const Answer& answer) {
  const auto reached = reach_repository(call, path);
  if (const auto* instead = std::get_if<HttpResponse>(&reached)) return *instead;
  const auto& repository = std::get<Repository>(reached);
  if (auto refusal = refuse(call, repository, need)) return *std::move(refusal);
  return call.world.metadata().read(repository.id, [&](const RepositoryMetadata& all) {
    return with_permission(answer(RepositoryView{call, repository, all}), call, need.permission);
  });
}

void replace_address(json& value, const std::string& address) {
  constexpr std::string_view kPlace = "{api}";
  if (value.is_structured()) {
    for (json& each : value) replace_address(each, address);
  } else if (value.is_string()) {
    auto text = value.get<std::string>();
    if (const auto found = text.find(kPlace); found != std::string::npos)
      value = text.replace(found, kPlace.size(), address);
  }
}

}  // namespace

json with_address(json object, const std::string& address) {
  replace_address(object, address);
  return object;
}

std::optional<HttpResponse> answer_settings(const ApiCall& call, const Segments& path) {
  const Segments below = below_repository(path);
  if (below.empty()) return std::nullopt;
  std::string whole(below[0]);
  for (std::size_t i = 1; i < below.size(); ++i) whole += fmt::format("/{}", below[i]);
  for (const Single& each : kSingles) {
    if (whole == each.path) return answered(call, path, each.need, each.answer);
  }
  for (const Listed& each : kListed) {
    const auto key = rest_after(whole, each.path);
    if (!key) continue;
    return answered(call, path, each.need, [&](const RepositoryView& view) {
      return key->empty() ? list_of(each, view) : one_of(each, view, *key);
    });
  }
  return std::nullopt;
}

}  // namespace hubkeep::sim
