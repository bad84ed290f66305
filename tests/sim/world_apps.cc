// The part of the World that is about GitHub Apps.
#include <fmt/format.h>

#include <algorithm>

#include "base/error.h"
#include "base/text.h"
#include "sim/world.h"

namespace hubkeep::sim {

void World::add_app(App app) {
  if (!find_account(app.owner)) add_user(app.owner);
  std::lock_guard lock(mutex_);
  apps_.push_back(std::move(app));
}

std::optional<App> World::find_app(std::string_view issuer) const {
  std::lock_guard lock(mutex_);
  auto found = std::find_if(apps_.begin(), apps_.end(), [&](const App& app) {
    return std::to_string(app.id) == issuer || (!app.client_id.empty() && app.client_id == issuer);
  });
  return found == apps_.end() ? std::nullopt : std::optional(*found);
}

InstallationId World::install(std::int64_t app, const std::string& account,
                              std::optional<std::set<RepositoryId>> repositories) {
  if (!find_account(account)) add_user(account);
  std::lock_guard lock(mutex_);
  Installation installation;
  installation.id = next_installation_id_++;
  installation.app = app;
  installation.account = account;
  installation.repositories = std::move(repositories);
  installation.created_at = locked_now();
  return installations_.emplace(installation.id, installation).first->first;
}

void World::uninstall(InstallationId id) {
  std::lock_guard lock(mutex_);
  installations_.erase(id);
}

void World::edit_installation(InstallationId id, const std::function<void(Installation&)>& change) {
  std::lock_guard lock(mutex_);
  auto found = installations_.find(id);
  if (found == installations_.end()) throw Error(ErrorKind::not_found, fmt::format("no installation {}", id));
  change(found->second);
}

std::optional<Installation> World::find_installation(InstallationId id) const {
  std::lock_guard lock(mutex_);
  auto found = installations_.find(id);
  return found == installations_.end() ? std::nullopt : std::optional(found->second);
}

std::vector<Installation> World::installations_of(std::int64_t app) const {
  std::lock_guard lock(mutex_);
  std::vector<Installation> out;
  for (const auto& [id, installation] : installations_) {
    if (installation.app == app) out.push_back(installation);
  }
  return out;
}

Token World::add_installation_token(const Installation& installation) {
  std::lock_guard lock(mutex_);
  Token token;
  // Longer than what tokens used to be, as they are since 2026.
  token.value = fmt::format("ghs_{}_{}", installation.app, random_hex(200));
  token.kind = TokenKind::installation;
  token.installation = installation.id;
  token.repositories = installation.repositories;
  token.permissions = installation.permissions;
  token.expires_at = locked_now() + std::chrono::hours(1);
  for (const App& app : apps_) {
    if (app.id == installation.app) token.login = app.slug + "[bot]";
  }
  tokens_[token.value] = token;
  return token;
}

void World::expire_installation_tokens() {
  std::lock_guard lock(mutex_);
  for (auto& [value, token] : tokens_) {
    if (token.kind == TokenKind::installation) token.expires_at = locked_now();
  }
}

bool World::reaches(InstallationId id, const Repository& repository) const {
  auto installation = find_installation(id);
  if (!installation || !equals_ignoring_case(installation->account, repository.owner)) return false;
  return !installation->repositories || installation->repositories->contains(repository.id);
}

}  // namespace hubkeep::sim
