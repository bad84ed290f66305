// The repository is put together in a work place, by default beside where it goes. When it is whole it is
// moved into place in one step, so that a destination that exists is a restore that is complete (an empty
// folder that was there is filled, see destination.h). Across file systems it is copied to a scratch folder
// beside the destination first, without its files, which are checked out where they are to stay. A scratch
// folder is its owner's alone, whatever the umask; a public repository gets the usual permissions at the end.
#include "restore/restore_repository.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <cerrno>
#include <fstream>

#include "base/error.h"
#include "base/file_mode.h"
#include "base/file_system.h"
#include "base/file_system_lacks.h"
#include "base/text.h"
#include "localgit/check_out_by_git.h"
#include "localgit/commit_of.h"
#include "localgit/create_repository.h"
#include "localgit/durable.h"
#include "localgit/packed_refs.h"
#include "restore/choose_ref.h"
#include "restore/destination.h"
#include "restore/rebuild.h"
#include "restore/work_place.h"
#include "restore/workshop.h"

namespace hubkeep {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kRepository = "repository-";  // in the work place, and then by chance

std::string scratch_name() {
  return std::string(kScratchFolder) + random_hex(8);
}

bool is_full(const fs::path& place) {
  std::error_code error;
  return fs::space(place, error).available == 0;
}

// With its mode, where modes are kept.
void copy_one(const fs::path& from, const fs::path& to, std::error_code& error) {
  if (fs::is_directory(from)) {
    fs::create_directory(to, error);
    return;
  }
  fs::copy_file(from, to, error);
  if (!is_lacking(FileCall::set_mode, error.value())) return;
  error.clear();
  std::ofstream copy(to, std::ios::binary | std::ios::trunc);
  errno = 0;
  if (fs::file_size(from) > 0) copy << std::ifstream(from, std::ios::binary).rdbuf();
  copy.close();
  if (!copy) error = std::error_code(errno == 0 ? EIO : errno, std::generic_category());
}

void copy_folder(const fs::path& from, const fs::path& to, const fs::path& destination) {
  std::error_code error;
  fs::create_directory(to, error);
  for (fs::recursive_directory_iterator each(from, error), end; !error && each != end;
       each.increment(error)) {
    copy_one(each->path(), to / each->path().lexically_relative(from), error);
    if (error) break;
  }
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
                               const Destination& destination, const std::stop_token& stop) {
  if (repository.kind != RepositoryKind::work_tree) return {};
  return with_context(printable(destination.path().string()),
                      [&] { return check_out(folder, repository.state, stop); });
}

// Files are checked out where they are to stay: another disk takes other names, and what is deep in the tree
// could not be copied. Then it takes its name in one step.
CheckOutReport settle(const Finished& repository, const Destination& destination,
                      const std::stop_token& stop) {
  if (is_same_disk(repository.folder.path(), destination.beside()) ||
      repository.kind != RepositoryKind::work_tree) {
    auto report = check_out_there(repository, repository.folder.path(), destination, stop);
    make_durable(git_folder_in(repository.folder.path(), repository.kind));
    if (destination.take(repository.folder, repository.is_public)) return report;
  }
  const ScratchFolderGuard copy(destination.beside() / scratch_name());
  if (repository.kind == RepositoryKind::work_tree) {
    copy_folder(repository.folder.path() / ".git", copy.path() / ".git", destination.path());
  } else {
    copy_folder(repository.folder.path(), copy.path(), destination.path());
  }
  auto report = check_out_there(repository, copy.path(), destination, stop);
  make_durable(git_folder_in(copy.path(), repository.kind));
  if (destination.take(copy, repository.is_public)) return report;
  throw Error(ErrorKind::internal, "cannot move the repository to " + printable(destination.path().string()));
}

// A tag's or another object's commit: nothing else can be HEAD.
bool detach_head(const fs::path& git_folder, RefState& state, const std::stop_token& stop) {
  if (!state.head.symref_target.empty()) return false;
  state.head.oid = commit_of(git_folder, *state.head.oid, stop);
  return true;
}

// Of OWNER/NAME.git, the wiki is OWNER/NAME.wiki.git.
std::string clone_url_of(const Manifest& manifest, const PartName& part) {
  constexpr std::string_view kSuffix = ".git";
  std::string url = manifest.listing.clone_url;
  if (part == kGitPart || url.empty()) return url;
  if (url.ends_with(kSuffix)) url.resize(url.size() - kSuffix.size());
  return fmt::format("{}.{}{}", url, part, kSuffix);
}

// What a restore that was killed has put together; its packs are beside it. Its git may have outlived it, and
// still write there: so the new one has another name.
void remove_older_repositories(const WorkPlace& work) {
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(work.path(), error)) {
    std::error_code ignored;
    if (entry.path().filename().string().starts_with(kRepository)) fs::remove_all(entry.path(), ignored);
  }
}

// Where the vault could not be reached for a while, the next attempt goes on.
template <typename Action>
auto keeping_what_came(WorkPlace& work, Action&& action) {
  try {
    return action();
  } catch (const Error& error) {
    if (error.kind() == ErrorKind::transient) work.keep();
    throw;
  }
}

}  // namespace

ByteCount disk_needed(const GitPart& git, RepositoryKind kind) {
  constexpr ByteCount kSmallFiles = 1 << 20;
  const ByteCount packs = pack_bytes_needed(git);
  return packs + kSmallFiles + (kind == RepositoryKind::work_tree ? packs : 0);
}

RefState restored_state(Vault& vault, const std::string& folder, const GitPart& git,
                        const RestoreTarget& target, const std::stop_token& stop) {
  RefState state = vault.read_ref_state(folder, git, stop);
  if (target.ref.empty()) return state;
  state = choose_ref(state, target.ref);
  try {
    detach_head(git_folder_in(target.folder, target.kind), state, stop);
  } catch (const Error& error) {  // another repository is there, which does not have the object
    if (error.kind() != ErrorKind::corrupt) throw;
  }
  return state;
}

void remove_left_over(const RestoreTarget& target) {
  const fs::path destination = fs::absolute(target.folder / "").lexically_normal().parent_path();
  remove_left_work_places(target.temp_dir.empty() ? destination.parent_path() : target.temp_dir, destination);
}

CheckOutReport restore_repository(Vault& vault, const std::string& folder, const Manifest& manifest,
                                  const RestoreTarget& target, const std::function<void(ByteCount)>& received,
                                  const std::stop_token& stop) {
  const Destination destination(target.folder);
  const fs::path workshop = target.temp_dir.empty() ? destination.beside() : target.temp_dir;
  const GitPart git = git_part(manifest.parts.at(target.part));
  if (!target.ref.empty()) choose_ref(vault.read_ref_state(folder, git, stop), target.ref);
  // Beyond this point there is such a ref.
  const ByteCount needed = disk_needed(git, target.kind);
  for (const auto& place : {workshop, destination.beside()}) check_disk("restoring", place, needed);

  WorkPlace work(workshop, destination.path(),
                 fmt::format("{} {} {} {}", vault.id(), folder, target.part, manifest.snapshot.str()));
  remove_older_repositories(work);
  const ScratchFolderGuard scratch(work.path() / (std::string(kRepository) + random_hex(8)));
  // What is known to lack something is walked; of all else it shows when the packs are there.
  const RepositoryTraits traits{
      .format = git.format, .kind = target.kind, .needs_proof = git.missing_objects > 0};
  const auto builder = create_repository(scratch.path(), traits, stop);
  const ChainSource source{.vault = vault,
                           .folder = folder,
                           .received = received,
                           .ref = target.ref,
                           .memory = target.memory,
                           .notice = target.notice};
  RefState state =
      keeping_what_came(work, [&] { return rebuild_repository(source, git, *builder, work.path(), stop); });
  const fs::path git_folder = git_folder_in(scratch.path(), target.kind);
  if (!target.ref.empty() && detach_head(git_folder, state, stop)) write_ref_files(git_folder, state);
  if (target.kind == RepositoryKind::mirror) builder->set_origin(clone_url_of(manifest, target.part));
  // Beyond this point the history is whole; what is left are its files and its name.
  std::error_code error;
  fs::create_directories(destination.path().parent_path(), error);
  destination.check_still_free();
  const bool is_public = manifest.listing.visibility == "public";
  auto report = settle({.folder = scratch, .kind = target.kind, .is_public = is_public, .state = state},
                       destination, stop);
  if (!is_public && target.notice && is_open_to_others(destination.path()))
    target.notice(fmt::format("others on this machine may be able to read {}: {} keeps no modes",
                              printable(destination.path().string()),
                              describe_file_system(destination.path().string())));
  // A file that is moved by itself has another time.
  if (destination.is_there() && target.kind == RepositoryKind::work_tree)
    renew_index(destination.path(), stop);
  return report;
}

}  // namespace hubkeep
