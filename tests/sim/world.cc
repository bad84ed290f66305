#include "sim/world.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/error.h"
#include "base/text.h"
#include "sim/bare_repository.h"
#include "sim/git_worker.h"
#include "sim/metadata.h"

namespace hubkeep::sim {

namespace fs = std::filesystem;

namespace {

std::string key_of(std::string_view owner, std::string_view name) {
  return to_lower(fmt::format("{}/{}", owner, name));
}

bool contains_login(const Logins& logins, const std::string& login) {
  return std::any_of(logins.begin(), logins.end(),
                     [&](const std::string& other) { return equals_ignoring_case(other, login); });
}

bool lacks_scope(const std::optional<Token>& token, const char* scope) {
  return token && token->kind == TokenKind::classic && !token->scopes.contains(scope);
}

}  // namespace

World::World(fs::path root)
    : root_(fs::absolute(std::move(root))), metadata_(std::make_unique<Metadata>(*this)) {
  fs::create_directories(root_);
}

World::~World() = default;

void World::set_time(std::optional<UtcTime> time) {
  std::lock_guard lock(mutex_);
  time_ = time;
}

void World::advance(std::chrono::seconds duration) {
  std::lock_guard lock(mutex_);
  time_ = locked_now() + duration;
}

UtcTime World::now() const {
  std::lock_guard lock(mutex_);
  return locked_now();
}

UtcTime World::locked_now() const {
  return time_ ? *time_ : SystemClock().now();
}

std::int64_t World::add_account(Account account) {
  std::lock_guard lock(mutex_);
  account.id = next_account_id_++;
  account.created_at = locked_now();
  auto [entry, added] = accounts_.emplace(to_lower(account.login), account);
  if (!added) throw Error(ErrorKind::invalid, account.login + ": account exists");
  return entry->second.id;
}

std::int64_t World::add_user(const std::string& login) {
  Account account;
  account.login = login;
  return add_account(std::move(account));
}

std::int64_t World::add_organization(const std::string& login, Logins members) {
  Account account;
  account.login = login;
  account.type = AccountType::organization;
  account.members = std::move(members);
  return add_account(std::move(account));
}

void World::remove_member(const std::string& organization, const std::string& login) {
  std::lock_guard lock(mutex_);
  auto found = accounts_.find(to_lower(organization));
  if (found == accounts_.end()) throw Error(ErrorKind::not_found, "no organisation " + organization);
  std::erase_if(found->second.members,
                [&](const std::string& member) { return equals_ignoring_case(member, login); });
}

void World::add_owner(const std::string& organization, const std::string& login) {
  std::lock_guard lock(mutex_);
  auto found = accounts_.find(to_lower(organization));
  if (found == accounts_.end()) throw Error(ErrorKind::not_found, "no organisation " + organization);
  found->second.members.insert(login);
  found->second.owners.insert(login);
}

std::optional<Account> World::find_account(std::string_view login) const {
  std::lock_guard lock(mutex_);
  auto found = accounts_.find(to_lower(login));
  return found == accounts_.end() ? std::nullopt : std::optional(found->second);
}

std::optional<Account> World::find_account(std::int64_t id) const {
  std::lock_guard lock(mutex_);
  for (const auto& [login, account] : accounts_) {
    if (account.id == id) return account;
  }
  return std::nullopt;
}

std::string World::add_token(const std::string& login, const std::string& value) {
  Token token;
  token.login = login;
  token.value = value;
  return add_token(std::move(token));
}

std::string World::add_token(Token token) {
  if (token.value.empty()) {
    token.value = (token.kind == TokenKind::classic ? "ghp_" : "github_pat_") + random_hex(36);
  }
  if (!find_account(token.login)) add_user(token.login);
  std::lock_guard lock(mutex_);
  std::string value = token.value;
  tokens_[value] = std::move(token);
  return value;
}

void World::edit_token(const std::string& value, const std::function<void(Token&)>& change) {
  std::lock_guard lock(mutex_);
  auto found = tokens_.find(value);
  if (found == tokens_.end()) throw Error(ErrorKind::not_found, "no such token");
  change(found->second);
}

std::optional<Token> World::find_token(std::string_view value) const {
  std::lock_guard lock(mutex_);
  auto found = tokens_.find(value);
  if (found == tokens_.end() || found->second.revoked) return std::nullopt;
  const Token& token = found->second;
  if (token.expires_at && locked_now() >= *token.expires_at) return std::nullopt;
  if (token.kind == TokenKind::installation) {
    auto installation = installations_.find(token.installation);
    if (installation == installations_.end() || installation->second.suspended) return std::nullopt;
  }
  return token;
}

RepositoryId World::add_repository(const std::string& owner, const std::string& name,
                                   const RepositoryOptions& options) {
  if (!find_account(owner)) add_user(owner);
  if (auto taken = find_repository(owner, name);
      taken && equals_ignoring_case(taken->full_name(), owner + "/" + name)) {
    throw Error(ErrorKind::invalid, taken->full_name() + ": name already exists on this account");
  }
  Repository repository;
  {
    std::lock_guard lock(mutex_);
    repository.id = options.id.value_or(next_repository_id_);
    next_repository_id_ = std::max(next_repository_id_, repository.id + 1);
    repository.created_at = repository.updated_at = locked_now();
  }
  repository.network = options.fork_of ? this->repository(*options.fork_of).network : repository.id;
  repository.node_id = fmt::format("R_kgDO{:08x}", repository.id);
  repository.owner = owner;
  repository.name = name;
  repository.is_private = options.is_private;
  repository.fork = options.fork || options.fork_of;
  repository.archived = options.archived;
  repository.default_branch = options.default_branch;
  repository.collaborators = options.collaborators;
  repository.path = options.adopt_path.empty() ? root_ / fmt::format("{}.git", repository.id)
                                               : fs::absolute(options.adopt_path);
  if (!fs::exists(repository.path / "HEAD")) {
    create_bare_repository(repository.path, options.default_branch, options.object_format);
    repository.pushed_at = repository.created_at;
  } else {
    configure_bare_repository(repository.path);
    repository.pushed_at = repository.created_at;
    repository.size_kb = size_on_disk_kb(repository.path);
  }
  std::lock_guard lock(mutex_);
  names_[key_of(owner, name)] = repository.id;
  return repositories_.emplace(repository.id, repository).first->first;
}

Repository& World::locked_repository(RepositoryId id) {
  auto found = repositories_.find(id);
  if (found == repositories_.end()) throw Error(ErrorKind::not_found, fmt::format("no repository {}", id));
  return found->second;
}

void World::move(RepositoryId id, const std::string& owner, const std::string& name) {
  std::lock_guard lock(mutex_);
  Repository& repository = locked_repository(id);
  repository.owner = owner;
  repository.name = name;
  repository.updated_at = locked_now();
  names_[key_of(owner, name)] = id;
}

void World::rename(RepositoryId id, const std::string& new_name) {
  move(id, repository(id).owner, new_name);
}

void World::transfer(RepositoryId id, const std::string& new_owner) {
  if (!find_account(new_owner)) add_user(new_owner);
  move(id, new_owner, repository(id).name);
}

void World::remove(RepositoryId id) {
  metadata_->forget(id);
  std::lock_guard lock(mutex_);
  repositories_.erase(id);
  std::erase_if(names_, [id](const auto& entry) { return entry.second == id; });
  std::erase_if(releases_, [id](const auto& entry) { return entry.second.repository == id; });
}

void World::pushed(RepositoryId id) {
  auto size = size_on_disk_kb(repository(id).path);
  std::lock_guard lock(mutex_);
  Repository& repository = locked_repository(id);
  repository.pushed_at = locked_now();
  repository.size_kb = size;
}

void World::set_default_branch(RepositoryId id, const std::string& branch) {
  git(repository(id).path, {"symbolic-ref", "HEAD", "refs/heads/" + branch});
  edit(id, [&](Repository& repository) { repository.default_branch = branch; });
}

void World::edit(RepositoryId id, const std::function<void(Repository&)>& change) {
  std::lock_guard lock(mutex_);
  Repository& repository = locked_repository(id);
  repository.updated_at = locked_now();
  change(repository);
  names_[key_of(repository.owner, repository.name)] = id;
}

fs::path World::add_wiki(RepositoryId id) {
  fs::path path = root_ / fmt::format("{}.wiki.git", id);
  create_bare_repository(path, "master", ObjectFormat::sha1);
  edit(id, [&](Repository& repository) { repository.wiki_path = path; });
  return path;
}

LfsObject World::add_lfs_object(RepositoryId id, MediaContent content) {
  return lfs_.add(repository(id).network, std::move(content));
}

void World::star(const std::string& login, RepositoryId id) {
  std::lock_guard lock(mutex_);
  stars_[to_lower(login)].emplace(locked_repository(id).id, locked_now());
}

void World::unstar(const std::string& login, RepositoryId id) {
  std::lock_guard lock(mutex_);
  stars_[to_lower(login)].erase(id);
}

std::map<RepositoryId, UtcTime> World::stars_of(const std::string& login) const {
  std::lock_guard lock(mutex_);
  const auto found = stars_.find(to_lower(login));
  return found == stars_.end() ? std::map<RepositoryId, UtcTime>() : found->second;
}

Repository World::repository(RepositoryId id) const {
  auto found = find_repository(id);
  if (!found) throw Error(ErrorKind::not_found, fmt::format("no repository {}", id));
  return *found;
}

std::optional<Repository> World::find_repository(std::string_view owner, std::string_view name) const {
  std::lock_guard lock(mutex_);
  auto found = names_.find(key_of(owner, name));
  return found == names_.end() ? std::nullopt : std::optional(repositories_.at(found->second));
}

std::optional<Repository> World::find_repository(RepositoryId id) const {
  std::lock_guard lock(mutex_);
  auto found = repositories_.find(id);
  return found == repositories_.end() ? std::nullopt : std::optional(found->second);
}

std::vector<Repository> World::repositories() const {
  std::lock_guard lock(mutex_);
  std::vector<Repository> out;
  for (const auto& [id, repository] : repositories_) out.push_back(repository);
  return out;
}

std::string World::locked_affiliation(const std::string& login, const Repository& repository) const {
  if (equals_ignoring_case(repository.owner, login)) return "owner";
  if (contains_login(repository.collaborators, login)) return "collaborator";
  auto owner = accounts_.find(to_lower(repository.owner));
  bool member = owner != accounts_.end() && contains_login(owner->second.members, login);
  return member ? "organization_member" : "";
}

std::string World::affiliation(const std::string& login, const Repository& repository) const {
  std::lock_guard lock(mutex_);
  return locked_affiliation(login, repository);
}

bool World::can_read(const std::optional<Token>& viewer, const Repository& repository) const {
  if (!repository.is_private) return true;
  if (viewer && viewer->kind == TokenKind::installation) return reaches(viewer->installation, repository);
  return !lacks_scope(viewer, "repo") && can_write(viewer, repository);
}

bool World::can_write(const std::optional<Token>& viewer, const Repository& repository) const {
  if (lacks_scope(viewer, "repo") && (repository.is_private || lacks_scope(viewer, "public_repo")))
    return false;
  if (!viewer || affiliation(viewer->login, repository).empty()) return false;
  return !viewer->repositories || viewer->repositories->contains(repository.id);
}

bool World::can_administer(const std::optional<Token>& viewer, const Repository& repository) const {
  if (viewer && viewer->kind == TokenKind::installation) return reaches(viewer->installation, repository);
  if (!can_write(viewer, repository)) return false;
  if (equals_ignoring_case(repository.owner, viewer->login)) return true;
  const auto owner = find_account(repository.owner);
  return owner && contains_login(owner->owners, viewer->login);
}

}  // namespace hubkeep::sim
