// The part of the World that is about gists.
#include <fmt/format.h>

#include <algorithm>

#include "base/error.h"
#include "base/text.h"
#include "sim/bare_repository.h"
#include "sim/git_worker.h"
#include "sim/world.h"

namespace hubkeep::sim {

namespace {

constexpr const char* kBranch = "main";

/// A commit whose files are these and no others.
void commit_files(const Gist& gist, UtcTime time, bool is_first) {
  std::string stream = fmt::format("commit refs/heads/{}\ncommitter {} <{}@example.com> {} +0000\ndata 0\n",
                                   kBranch, gist.owner, gist.owner, time.time_since_epoch().count());
  if (!is_first) stream += fmt::format("from refs/heads/{}^0\ndeleteall\n", kBranch);
  for (const auto& [name, content] : gist.files)
    stream += fmt::format("M 100644 inline {}\ndata {}\n{}\n", name, content.size(), content);
  fast_import(gist.path, stream);
}

std::map<std::string, std::string> files_at_head(const std::filesystem::path& repository) {
  std::map<std::string, std::string> out;
  const std::string names = git(repository, {"ls-tree", "-z", "--name-only", "HEAD"});
  for (std::string_view name : split(names, '\0')) {
    if (!name.empty())
      out[std::string(name)] =
          run_checked({"git", "-C", repository.string(), "cat-file", "blob", fmt::format("HEAD:{}", name)},
                      {.cwd = {}, .env = git_environment()})
              .out;
  }
  return out;
}

auto find_comment(Gist& gist, GistCommentId id) {
  auto found = std::find_if(gist.comments.begin(), gist.comments.end(),
                            [id](const GistComment& comment) { return comment.id == id; });
  if (found == gist.comments.end()) throw Error(ErrorKind::not_found, fmt::format("no comment {}", id));
  return found;
}

}  // namespace

Gist& World::locked_gist(const std::string& id) {
  auto found = gists_.find(id);
  if (found == gists_.end()) throw Error(ErrorKind::not_found, "no gist " + id);
  return found->second;
}

std::string World::add_gist(Gist gist) {
  if (!find_account(gist.owner)) add_user(gist.owner);
  if (gist.id.empty()) gist.id = random_hex(32);
  gist.path = root_ / "gists" / (gist.id + ".git");
  gist.created_at = gist.updated_at = now();
  create_bare_repository(gist.path, kBranch, ObjectFormat::sha1);
  commit_files(gist, gist.created_at, true);
  std::lock_guard lock(mutex_);
  return gists_.emplace(gist.id, gist).first->first;
}

void World::edit_gist(const std::string& id, const std::function<void(Gist&)>& change) {
  std::lock_guard lock(mutex_);
  Gist& gist = locked_gist(id);
  const auto files = gist.files;
  gist.updated_at = locked_now();
  change(gist);
  if (gist.files != files) commit_files(gist, gist.updated_at, false);
}

void World::gist_pushed(const std::string& id) {
  const auto gist = find_gist(id);
  if (!gist) throw Error(ErrorKind::not_found, "no gist " + id);
  auto files = files_at_head(gist->path);
  std::lock_guard lock(mutex_);
  Gist& pushed = locked_gist(id);
  pushed.files = std::move(files);
  pushed.updated_at = locked_now();
}

void World::remove_gist(const std::string& id) {
  std::lock_guard lock(mutex_);
  gists_.erase(id);
}

std::optional<Gist> World::find_gist(std::string_view id) const {
  std::lock_guard lock(mutex_);
  auto found = gists_.find(id);
  return found == gists_.end() ? std::nullopt : std::optional(found->second);
}

std::vector<Gist> World::gists() const {
  std::lock_guard lock(mutex_);
  std::vector<Gist> out;
  for (const auto& [id, gist] : gists_) out.push_back(gist);
  std::stable_sort(out.begin(), out.end(),
                   [](const Gist& a, const Gist& b) { return b.created_at < a.created_at; });
  return out;
}

GistCommentId World::add_gist_comment(const std::string& gist, const std::string& user, std::string body) {
  if (!find_account(user)) add_user(user);
  std::lock_guard lock(mutex_);
  const GistCommentId id = next_gist_comment_id_++;
  locked_gist(gist).comments.push_back({id, user, std::move(body), locked_now(), locked_now()});
  return id;
}

void World::edit_gist_comment(const std::string& gist, GistCommentId id, std::string body) {
  std::lock_guard lock(mutex_);
  const auto comment = find_comment(locked_gist(gist), id);
  comment->body = std::move(body);
  comment->updated_at = locked_now();
}

void World::remove_gist_comment(const std::string& gist, GistCommentId id) {
  std::lock_guard lock(mutex_);
  locked_gist(gist).comments.erase(find_comment(locked_gist(gist), id));
}

void World::star_gist(const std::string& login, const std::string& id) {
  std::lock_guard lock(mutex_);
  starred_gists_[to_lower(login)].insert(locked_gist(id).id);
}

void World::unstar_gist(const std::string& login, const std::string& id) {
  std::lock_guard lock(mutex_);
  starred_gists_[to_lower(login)].erase(id);
}

bool World::has_starred_gist(const std::string& login, const std::string& id) const {
  std::lock_guard lock(mutex_);
  const auto found = starred_gists_.find(to_lower(login));
  return found != starred_gists_.end() && found->second.contains(id);
}

}  // namespace hubkeep::sim
