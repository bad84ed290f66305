// libgit2 makes the repository; packs are indexed by hubkeep itself. Where git is there, it proves that
// nothing is missing, else libgit2's objects are walked. What comes out is the same either way:
// Builder.ProvesWithoutGitWhatItProvesWithIt.
#include "localgit/libgit2_builder.h"

#include "base/error.h"
#include "base/text.h"
#include "localgit/git_command.h"

namespace hubkeep {
namespace {

RepositoryHandle initialise(const std::filesystem::path& folder, RepositoryKind kind) {
  start_libgit2();
  git_repository_init_options options = GIT_REPOSITORY_INIT_OPTIONS_INIT;
  options.flags = GIT_REPOSITORY_INIT_NO_REINIT;
  if (kind != RepositoryKind::work_tree) options.flags |= GIT_REPOSITORY_INIT_BARE;
  git_repository* repository = nullptr;
  check_libgit2(git_repository_init_ext(&repository, folder.c_str(), &options),
                "make a repository in " + printable(folder.string()));
  return RepositoryHandle(repository);
}

OdbHandle objects_of(git_repository* repository) {
  git_odb* odb = nullptr;
  check_libgit2(git_repository_odb(&odb, repository), "open the objects");
  OdbHandle handle(odb);
  check_libgit2(git_odb_refresh(odb), "read the packs");  // those that have come since it was opened
  return handle;
}

}  // namespace

Libgit2Builder::Libgit2Builder(const std::filesystem::path& folder, RepositoryKind kind, std::stop_token stop)
    : RepositoryBuilder(git_folder_in(folder, kind), ObjectFormat::sha1, kind, std::move(stop)),
      repository_(initialise(folder, kind)) {}

void Libgit2Builder::prove_connected(const RefState& state) {
  // git is two to three times as fast. What it misses, and for whom, our own walk says better.
  auto tips = tips_of(state);
  if (has_git(stop()) && !missed_by_git(git_folder(), tips, proved_, stop())) {
    proved_ = std::move(tips);
    return;
  }
  proof_.prove(objects_of(repository_.get()).get(), state, stop());
}

}  // namespace hubkeep
