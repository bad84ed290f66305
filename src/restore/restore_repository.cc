// The repository is put together in a scratch folder, by default beside its place. When it is whole it is
// moved into place in one step, so that a destination that exists is a restore that is complete. Across file
// systems it is copied to a scratch folder beside the destination first, without its files, which are checked
// out where they are to stay. A scratch folder is its owner's alone, whatever the umask; a public repository
// gets the usual permissions at the end.
#include "restore/restore_repository.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include "base/error.h"
#include "base/text.h"
#include "restore/rebuild.h"
#include "restore/workshop.h"

namespace hubkeep {
namespace {

namespace fs = std::filesystem;

bool is_full(const fs::path& place) {
  std::error_code error;
  return fs::space(place, error).available == 0;
}

void refuse_existing(const fs::path& folder) {
  std::error_code error;
  if (!fs::exists(fs::symlink_status(folder, error))) return;
  throw Error(ErrorKind::invalid, fmt::format("{} exists already and is left alone: name another folder",
                                              printable(folder.string())));
}

// Whether it could be done; not across file systems. A private repository stays its owner's alone.
bool move_into_place(const ScratchFolderGuard& from, bool is_public, const fs::path& to) {
  if (is_public) from.open_as_usual();
  std::error_code error;
  fs::rename(from.path(), to, error);
  if (!error) return true;
  if (error == std::errc::cross_device_link) return false;
  throw Error(ErrorKind::forbidden,
              fmt::format("cannot move the repository to {}: {}", printable(to.string()), error.message()));
}

void copy_folder(const fs::path& from, const fs::path& to, const fs::path& destination) {
  std::error_code error;
  fs::copy(from, to, fs::copy_options::recursive, error);
  if (!error) return;
  // libstdc++ says no more than "input/output error" when a copy ends early.
  if (error == std::errc::io_error && is_full(to.parent_path()))
    error = std::make_error_code(std::errc::no_space_on_device);
  throw Error(ErrorKind::internal, fmt::format("cannot copy the repository to {}: {}",
                                               printable(destination.string()), error.message()));
}

bool is_same_disk(const fs::path& a, const fs::path& b) {
  struct stat first{};
  struct stat second{};
  // What cannot be looked at is told by the move.
  return ::stat(a.c_str(), &first) != 0 || ::stat(b.c_str(), &second) != 0 || first.st_dev == second.st_dev;
}

// The repository without its files, which has a name that does not last.
struct Finished {
  const ScratchFolderGuard& folder;
  RepositoryKind kind;
  bool is_public;
  const RefState& state;
};

CheckOutReport check_out_there(const Finished& repository, const fs::path& folder,
                               const fs::path& destination, const std::stop_token& stop) {
  if (repository.kind != RepositoryKind::work_tree) return {};
  return with_context(printable(destination.string()),
                      [&] { return check_out(folder, repository.state, stop); });
}

// Files are checked out where they are to stay: another disk takes other names, and what is deep in the tree
// could not be copied. Then it takes its name in one step.
CheckOutReport settle(const Finished& repository, const fs::path& destination, const std::stop_token& stop) {
  if (is_same_disk(repository.folder.path(), destination.parent_path()) ||
      repository.kind != RepositoryKind::work_tree) {
    auto report = check_out_there(repository, repository.folder.path(), destination, stop);
    if (move_into_place(repository.folder, repository.is_public, destination)) return report;
  }
  const ScratchFolderGuard copy(destination.parent_path() /
                                fmt::format(".hubkeep-restore-{}", random_hex(8)));
  if (repository.kind == RepositoryKind::work_tree) {
    copy_folder(repository.folder.path() / ".git", copy.path() / ".git", destination);
  } else {
    copy_folder(repository.folder.path(), copy.path(), destination);
  }
  auto report = check_out_there(repository, copy.path(), destination, stop);
  if (move_into_place(copy, repository.is_public, destination)) return report;
  throw Error(ErrorKind::internal, "cannot move the repository to " + printable(destination.string()));
}

}  // namespace

ByteCount disk_needed(const GitPart& git, RepositoryKind kind) {
  constexpr ByteCount kSmallFiles = 1 << 20;
  const ByteCount packs = pack_bytes_needed(git);
  return packs + kSmallFiles + (kind == RepositoryKind::work_tree ? packs : 0);
}

CheckOutReport restore_repository(Vault& vault, const std::string& folder, const Manifest& manifest,
                                  const RestoreTarget& target, const std::function<void(ByteCount)>& received,
                                  const std::stop_token& stop) {
  const fs::path destination = fs::absolute(target.folder / "").lexically_normal().parent_path();
  const fs::path workshop = target.temp_dir.empty() ? destination.parent_path() : target.temp_dir;
  refuse_existing(destination);
  const GitPart git = git_part(manifest.parts);
  const ByteCount needed = disk_needed(git, target.kind);
  for (const auto& place : {workshop, destination.parent_path()}) check_disk("restoring", place, needed);

  const ScratchFolderGuard scratch(workshop / fmt::format(".hubkeep-restore-{}", random_hex(8)));
  const RepositoryTraits traits{git.format, target.kind, largest_delta(git), largest_pack(git)};
  const auto builder = create_repository(scratch.path(), traits, stop);
  const RefState state =
      rebuild_repository({.vault = vault, .folder = folder, .received = received}, manifest, *builder, stop);
  if (target.kind == RepositoryKind::mirror) builder->set_origin(manifest.listing.clone_url);
  // Beyond this point the history is whole; what is left are its files and its name.
  std::error_code error;
  fs::create_directories(destination.parent_path(), error);
  refuse_existing(destination);
  return settle({.folder = scratch,
                 .kind = target.kind,
                 .is_public = manifest.listing.visibility == "public",
                 .state = state},
                destination, stop);
}

}  // namespace hubkeep
