#include "sim/api_json.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <utility>

#include "sim/metadata.h"

namespace hubkeep::sim {

using nlohmann::json;

namespace {

constexpr std::array<std::pair<const char*, const char*>, 37> kRepositoryLinks = {{
    {"archive_url", "/{archive_format}{/ref}"},
    {"assignees_url", "/assignees{/user}"},
    {"blobs_url", "/git/blobs{/sha}"},
    {"branches_url", "/branches{/branch}"},
    {"collaborators_url", "/collaborators{/collaborator}"},
    {"comments_url", "/comments{/number}"},
    {"commits_url", "/commits{/sha}"},
    {"compare_url", "/compare/{base}...{head}"},
    {"contents_url", "/contents/{+path}"},
    {"contributors_url", "/contributors"},
    {"deployments_url", "/deployments"},
    {"downloads_url", "/downloads"},
    {"events_url", "/events"},
    {"forks_url", "/forks"},
    {"git_commits_url", "/git/commits{/sha}"},
    {"git_refs_url", "/git/refs{/sha}"},
    {"git_tags_url", "/git/tags{/sha}"},
    {"hooks_url", "/hooks"},
    {"issue_comment_url", "/issues/comments{/number}"},
    {"issue_events_url", "/issues/events{/number}"},
    {"issues_url", "/issues{/number}"},
    {"keys_url", "/keys{/key_id}"},
    {"labels_url", "/labels{/name}"},
    {"languages_url", "/languages"},
    {"merges_url", "/merges"},
    {"milestones_url", "/milestones{/number}"},
    {"notifications_url", "/notifications{?since,all,participating}"},
    {"pulls_url", "/pulls{/number}"},
    {"releases_url", "/releases{/id}"},
    {"stargazers_url", "/stargazers"},
    {"statuses_url", "/statuses/{sha}"},
    {"subscribers_url", "/subscribers"},
    {"subscription_url", "/subscription"},
    {"tags_url", "/tags"},
    {"teams_url", "/teams"},
    {"trees_url", "/git/trees{/sha}"},
    {"url", ""},
}};

constexpr std::array<std::pair<const char*, const char*>, 9> kUserLinks = {{
    {"events_url", "/events{/privacy}"},
    {"followers_url", "/followers"},
    {"following_url", "/following{/other_user}"},
    {"gists_url", "/gists{/gist_id}"},
    {"organizations_url", "/orgs"},
    {"received_events_url", "/received_events"},
    {"repos_url", "/repos"},
    {"starred_url", "/starred{/owner}{/repo}"},
    {"subscriptions_url", "/subscriptions"},
}};

std::string node_id(const Account& account) {
  return fmt::format("{}_kgDO{:06x}", account.type == AccountType::user ? "U" : "O", account.id);
}

std::size_t count_repositories(const World& world, const std::string& owner, bool is_private) {
  auto all = world.repositories();
  return static_cast<std::size_t>(std::count_if(all.begin(), all.end(), [&](const Repository& repository) {
    return repository.owner == owner && repository.is_private == is_private;
  }));
}

json counts_of_followers(const Account& account, const World& world) {
  return world.metadata().read_account(account.login, [](const AccountSettings& settings) {
    return json{{"followers", settings.followers.size()},
                {"following", settings.following.size()},
                {"public_gists", 0}};
  });
}

/// What the account says of itself.
json profile_of(const Account& account, const World& world) {
  return world.metadata().read_account(account.login,
                                       [](const AccountSettings& settings) { return settings.profile; });
}

json permissions_json(bool admin, bool writable) {
  return {{"admin", admin}, {"maintain", admin}, {"push", writable}, {"triage", writable}, {"pull", true}};
}

json settings_json() {
  return {{"allow_auto_merge", false},
          {"allow_merge_commit", true},
          {"allow_rebase_merge", true},
          {"allow_squash_merge", true},
          {"allow_update_branch", false},
          {"delete_branch_on_merge", false},
          {"merge_commit_message", "PR_TITLE"},
          {"merge_commit_title", "MERGE_MESSAGE"},
          {"squash_merge_commit_message", "COMMIT_MESSAGES"},
          {"squash_merge_commit_title", "COMMIT_OR_PR_TITLE"},
          {"use_squash_pr_title_as_default", false},
          {"network_count", 0},
          {"subscribers_count", 0}};
}

json constant_repository_fields() {
  return {{"allow_forking", true},
          {"forks", 0},
          {"forks_count", 0},
          {"has_downloads", true},
          {"homepage", nullptr},
          {"is_template", false},
          {"language", nullptr},
          {"license", nullptr},
          {"mirror_url", nullptr},
          {"stargazers_count", 0},
          {"watchers", 0},
          {"watchers_count", 0},
          {"web_commit_signoff_required", false}};
}

void add_metadata(json& out, const Repository& repository, const World& world) {
  world.metadata().read(repository.id, [&](const RepositoryMetadata& all) {
    const auto open = std::count_if(all.issues.begin(), all.issues.end(),
                                    [](const auto& entry) { return entry.second.open; });
    const RepositorySettings& settings = all.settings;
    out.update({{"has_issues", settings.has_issues},
                {"has_pull_requests", settings.has_pull_requests},
                {"has_discussions", settings.has_discussions},
                {"has_projects", settings.has_projects},
                {"has_pages", settings.objects.contains("pages")},
                {"topics", settings.topics},
                {"open_issues", open},
                {"open_issues_count", open}});
  });
}

void add_addresses(json& out, const Repository& repository, const ApiAddresses& addresses) {
  std::string api = addresses.api + "/repos/" + repository.full_name();
  for (const auto& [name, suffix] : kRepositoryLinks) out[name] = api + suffix;
  std::string web = addresses.origin + "/" + repository.full_name();
  std::string host = addresses.origin.substr(addresses.origin.find("://") + 3);
  out["html_url"] = web;
  out["svn_url"] = web;
  out["clone_url"] = repository.clone_url_override.empty() ? web + ".git" : repository.clone_url_override;
  out["git_url"] = fmt::format("git://{}/{}.git", host, repository.full_name());
  out["ssh_url"] = fmt::format("git@{}:{}.git", host, repository.full_name());
}

}  // namespace

json simple_user_json(const Account& account, const ApiAddresses& addresses) {
  std::string api = addresses.api + "/users/" + account.login;
  json out = {{"login", account.login},
              {"id", account.id},
              {"node_id", node_id(account)},
              {"avatar_url", fmt::format("{}/avatars/u/{}?v=4", addresses.origin, account.id)},
              {"gravatar_id", ""},
              {"url", api},
              {"html_url", addresses.origin + "/" + account.login},
              {"type", account.type == AccountType::user ? "User" : "Organization"},
              {"user_view_type", "public"},
              {"site_admin", false}};
  for (const auto& [name, suffix] : kUserLinks) out[name] = api + suffix;
  return out;
}

json public_user_json(const Account& account, const World& world, const ApiAddresses& addresses) {
  json out = simple_user_json(account, addresses);
  out.update(counts_of_followers(account, world));
  for (const char* name : {"bio", "company", "email", "hireable", "location", "twitter_username"}) {
    out[name] = nullptr;
  }
  out["name"] = account.login;
  out["blog"] = "";
  out["public_repos"] = count_repositories(world, account.login, false);
  out["created_at"] = out["updated_at"] = format_time(account.created_at);
  if (account.type == AccountType::user) out.update(profile_of(account, world));
  return out;
}

json private_user_json(const Account& account, const World& world, const ApiAddresses& addresses) {
  json out = public_user_json(account, world, addresses);
  auto count = count_repositories(world, account.login, true);
  out.update({{"user_view_type", "private"},
              {"collaborators", 0},
              {"disk_usage", 0},
              {"owned_private_repos", count},
              {"total_private_repos", count},
              {"private_gists", 0},
              {"two_factor_authentication", true}});
  return out;
}

json organization_json(const Account& account, const World& world, const ApiAddresses& addresses) {
  std::string api = addresses.api + "/orgs/" + account.login;
  json out = counts_of_followers(account, world);
  out.update({{"login", account.login},
              {"id", account.id},
              {"node_id", node_id(account)},
              {"url", api},
              {"avatar_url", fmt::format("{}/avatars/u/{}?v=4", addresses.origin, account.id)},
              {"html_url", addresses.origin + "/" + account.login},
              {"description", nullptr},
              {"type", "Organization"},
              {"has_organization_projects", true},
              {"has_repository_projects", true},
              {"archived_at", nullptr},
              {"public_repos", count_repositories(world, account.login, false)}});
  for (const char* name : {"repos", "events", "hooks", "issues"}) {
    out[fmt::format("{}_url", name)] = fmt::format("{}/{}", api, name);
  }
  out["members_url"] = api + "/members{/member}";
  out["public_members_url"] = api + "/public_members{/member}";
  out["created_at"] = out["updated_at"] = format_time(account.created_at);
  out.update(profile_of(account, world));
  return out;
}

json repository_json(const Repository& repository, const std::optional<Token>& viewer, const World& world,
                     const ApiAddresses& addresses, RepositoryDetail detail) {
  json out = constant_repository_fields();
  add_addresses(out, repository, addresses);
  add_metadata(out, repository, world);
  Account owner = world.find_account(repository.owner).value_or(Account{});
  out["id"] = repository.id;
  out["node_id"] = repository.node_id;
  out["name"] = repository.name;
  out["full_name"] = repository.full_name();
  out["owner"] = simple_user_json(owner, addresses);
  out["private"] = repository.is_private;
  out["visibility"] = repository.visibility();
  out["description"] = repository.description ? json(*repository.description) : json(nullptr);
  out["fork"] = repository.fork;
  out["archived"] = repository.archived;
  out["disabled"] = repository.disabled;
  out["has_wiki"] = repository.has_wiki;
  out["size"] = repository.size_kb;
  out["default_branch"] = repository.default_branch;
  out["pushed_at"] = repository.pushed_at ? json(format_time(*repository.pushed_at)) : json(nullptr);
  out["updated_at"] = format_time(repository.updated_at);
  out["created_at"] = format_time(repository.created_at);
  if (viewer) {
    const bool is_person = viewer->kind != TokenKind::installation;
    out["permissions"] = permissions_json(is_person && world.can_administer(viewer, repository),
                                          world.can_write(viewer, repository));
  }
  if (detail == RepositoryDetail::listed) return out;
  out.update(settings_json());
  if (viewer) out["temp_clone_token"] = "";
  if (owner.type == AccountType::organization) out["organization"] = out["owner"];
  return out;
}

json error_json(int status, const std::string& message) {
  return {{"message", message},
          {"documentation_url", "https://docs.github.com/rest"},
          {"status", std::to_string(status)}};
}

}  // namespace hubkeep::sim
