#include "localgit/commit_of.h"

#include <string>

#include "base/text.h"
#include "localgit/git_command.h"
#include "localgit/libgit2_handle.h"

namespace hubkeep {
namespace {

constexpr int kMostTags = 100;  // that name tags, one after the other

std::optional<Oid> commit_by_git(const std::filesystem::path& git_folder, const Oid& oid,
                                 const std::stop_token& stop) {
  const auto answer = run_process(
      git_plan(git_folder, {"rev-parse", "--verify", "--quiet", oid.hex() + "^{commit}"}), {}, stop);
  return Oid::parse(trim(answer.output));
}

std::optional<Oid> commit_by_libgit2(const std::filesystem::path& git_folder, const Oid& oid) {
  start_libgit2();
  git_repository* handle = nullptr;
  check_libgit2(git_repository_open_ext(&handle, git_folder.c_str(), GIT_REPOSITORY_OPEN_NO_SEARCH, nullptr),
                "open the repository");
  const RepositoryHandle repository(handle);
  git_oid raw;
  check_libgit2(git_oid_fromstr(&raw, oid.hex().c_str()), "read the object name " + oid.hex());
  git_object* named = nullptr;
  check_libgit2(git_object_lookup(&named, repository.get(), &raw, GIT_OBJECT_ANY),
                "read the object " + oid.hex(), ErrorKind::corrupt);
  std::unique_ptr<git_object, FreeWith<git_object_free>> object(named);
  // git_object_peel() would go round for ever where an index that lies makes tags name each other.
  for (int tags = 0; tags < kMostTags && git_object_type(object.get()) == GIT_OBJECT_TAG; ++tags) {
    git_object* target = nullptr;
    if (git_tag_target(&target, reinterpret_cast<const git_tag*>(object.get())) < 0) return std::nullopt;
    object.reset(target);
  }
  if (git_object_type(object.get()) != GIT_OBJECT_COMMIT) return std::nullopt;
  return Oid::from_raw(
      {reinterpret_cast<const char*>(git_object_id(object.get())->id), raw_size(oid.format())}, oid.format());
}

}  // namespace

std::optional<Oid> commit_of(const std::filesystem::path& git_folder, const Oid& oid,
                             const std::stop_token& stop) {
  return oid.format() == ObjectFormat::sha1 ? commit_by_libgit2(git_folder, oid)
                                            : commit_by_git(git_folder, oid, stop);
}

}  // namespace hubkeep
