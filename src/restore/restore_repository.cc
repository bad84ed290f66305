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

constexpr mode_t kMode = S_IRWXU | S_IRWXG | S_IRWXO;  // less the umask, as git makes a repository's folder

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

// Into place in one step; across file systems by a copy beside the target first.
void move_into_place(const fs::path& from, const fs::path& to) {
  std::error_code error;
  fs::rename(from, to, error);
  if (!error) return;
  if (error != std::errc::cross_device_link) {
    throw Error(ErrorKind::forbidden,
                fmt::format("cannot move the repository to {}: {}", printable(to.string()), error.message()));
  }
  const ScratchFolderGuard copy(to.parent_path() / fmt::format(".hubkeep-restore-{}", random_hex(8)), kMode);
  fs::copy(from, copy.path(), fs::copy_options::recursive | fs::copy_options::copy_symlinks, error);
  if (!error) fs::rename(copy.path(), to, error);
  if (error) {
    // libstdc++ says no more than "input/output error" when a copy ends early.
    if (error == std::errc::io_error && is_full(copy.path()))
      error = std::make_error_code(std::errc::no_space_on_device);
    throw Error(ErrorKind::internal,
                fmt::format("cannot copy the repository to {}: {}", printable(to.string()), error.message()));
  }
}

}  // namespace

ByteCount disk_needed(const GitPart& git, RepositoryKind kind) {
  constexpr ByteCount kSmallFiles = 1 << 20;
  const ByteCount packs = pack_bytes_needed(git);
  return packs + kSmallFiles + (kind == RepositoryKind::work_tree ? packs : 0);
}

void restore_repository(Vault& vault, const std::string& folder, const Manifest& manifest,
                        const RestoreTarget& target, const std::function<void(ByteCount)>& received,
                        const std::stop_token& stop) {
  const fs::path destination = fs::absolute(target.folder / "").lexically_normal().parent_path();
  const fs::path workshop = target.temp_dir.empty() ? destination.parent_path() : target.temp_dir;
  refuse_existing(destination);
  const ByteCount needed = disk_needed(manifest.git, target.kind);
  for (const auto& place : {workshop, destination.parent_path()}) check_disk("restoring", place, needed);

  const ScratchFolderGuard scratch(workshop / fmt::format(".hubkeep-restore-{}", random_hex(8)), kMode);
  const RepositoryTraits traits{manifest.git.format, target.kind, largest_delta(manifest.git)};
  const auto builder = create_repository(scratch.path(), traits, stop);
  rebuild_repository({.vault = vault, .folder = folder, .received = received}, manifest, *builder, stop);
  if (target.kind == RepositoryKind::mirror) builder->set_origin(manifest.listing.clone_url);
  if (target.kind == RepositoryKind::work_tree) builder->check_out();
  // Beyond this point the repository is whole; what is left is its name.
  std::error_code error;
  fs::create_directories(destination.parent_path(), error);
  refuse_existing(destination);
  move_into_place(scratch.path(), destination);
}

}  // namespace hubkeep
