// A folder below the root is reached component by component with openat() and O_NOFOLLOW, from a descriptor
// of the root that is kept open. A symbolic link that somebody puts into the vault therefore leads nowhere
// (FolderStoreTest.DoesNotFollowSymbolicLinksBelowItsRoot); the root itself may be one, since the user named
// it.
//
// A new file survives a loss of power only when every folder above it that is new has been fsynced too: see
// make_durable(), which remembers what it has done.
#include "store/folder/folder_root.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <cerrno>
#include <chrono>
#include <thread>

#include "base/error.h"
#include "base/file_error.h"
#include "base/file_system_lacks.h"
#include "base/text.h"
#include "store/object_key.h"

namespace hubkeep {
namespace {

constexpr mode_t kFolderMode = 0700;  // the vault holds private code
constexpr mode_t kFileMode = 0600;

// Others hold the lock while they compare and rename one file: a minute means that something hangs.
constexpr std::chrono::milliseconds kLockPause{10};
constexpr int kMaxLockLooks = 6000;
// One of them may be a dead machine's, and ends with its lease.
constexpr int kMaxLockFileLooks = static_cast<int>((kLockLease + std::chrono::seconds(60)) / kLockPause);

void make_with_parents(const std::string& path) {
  // mkdir() goes from the top down without a look at what is there, so that two runs can make the same
  // folders.
  int failure = 0;  // the error that counts: below a folder that could not be made there is only ENOENT
  for (auto end = path.find('/', 1);; end = path.find('/', end + 1)) {
    const std::string folder = path.substr(0, end);
    if (::mkdir(folder.c_str(), kFolderMode) == 0) {
      const FileDescriptor parent(::open((folder + "/..").c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
      if (parent.valid()) sync_folder(parent.get(), folder);
    } else if (errno != EEXIST && errno != ENOENT) {
      failure = errno;
    }
    if (end == std::string::npos) break;
  }
  if (failure != 0) throw file_error(failure, "make the folder", path);
}

FileDescriptor open_root(const std::string& path, OpenMode mode) {
  FileDescriptor root(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!root.valid() && errno == ENOENT && mode == OpenMode::create) {
    make_with_parents(path);
    root = FileDescriptor(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  }
  if (root.valid()) return root;
  if (errno == ENOENT) {
    throw Error(ErrorKind::not_found,
                "there is no folder " + printable(path) + ": check the path, or make a backup there first");
  }
  throw file_error(errno, "open the folder", path);
}

/// "a/b" of "a/b/c" and its component "b".
std::string_view up_to(std::string_view folder, std::string_view component) {
  return folder.substr(0, static_cast<std::size_t>(component.data() + component.size() - folder.data()));
}

}  // namespace

void sync_folder(int folder, std::string_view path) {
  if (::fsync(folder) == 0 || is_lacking(FileCall::sync_folder, errno)) return;
  throw file_error(errno, "make durable the folder", path);
}

void FolderLock::check() const {
  if (!file || file->is_held()) return;
  throw Error(ErrorKind::transient, "its lock was held for too long, or removed by another process");
}

FolderRoot::FolderRoot(std::string path, OpenMode mode, std::function<void(const std::string&)> notice)
    : path_(std::move(path)), root_(open_root(path_, mode)), notice_(std::move(notice)) {
  if (mode == OpenMode::read) return;
  reach_ = lock_reach(root_.get());
  // Whether it may be written is asked now and not after hours of fetching
  // (FolderStoreDeathTest.SaysAtOnceThatItMayNotWrite). Mode write makes nothing before it has to
  // (FolderStoreToWrite.MakesNothingBeforeItWrites).
  const auto temporary = mode == OpenMode::create ? temporary_folder() : find_folder(".tmp");
  const bool writable = ::faccessat(root_.get(), ".", W_OK | X_OK, AT_EACCESS) == 0 &&
                        (!temporary || ::faccessat(temporary->get(), ".", W_OK | X_OK, AT_EACCESS) == 0);
  if (!writable) throw file_error(errno, "write to the folder", path_);
  // That there is no lock is said before the first byte.
  if (mode == OpenMode::create && !is_local()) lock();
}

std::string FolderRoot::path_of(std::string_view key) const {
  std::string path = path_;
  if (key.empty()) return path;
  if (!path.ends_with('/')) path += '/';
  return path.append(key);
}

FileDescriptor FolderRoot::self() const {
  FileDescriptor copy(::openat(root_.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!copy.valid()) throw file_error(errno, "open the folder", path_);
  return copy;
}

FileDescriptor FolderRoot::step(int parent, std::string_view component) const {
  const std::string name(component);
  FileDescriptor next(::openat(parent, name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  // O_DIRECTORY with O_NOFOLLOW says ENOTDIR of a link and of a file alike. A file means that there is no
  // such folder; a link is an error that names itself.
  if (!next.valid() && errno == ENOTDIR) {
    struct stat status{};
    const bool link =
        ::fstatat(parent, name.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0 && S_ISLNK(status.st_mode);
    errno = link ? ELOOP : ENOTDIR;
  }
  return next;
}

std::optional<FileDescriptor> FolderRoot::find_folder(std::string_view folder) const {
  if (folder.empty()) return self();
  FileDescriptor current;
  for (const auto component : split(folder, '/')) {
    current = step(current.valid() ? current.get() : root_.get(), component);
    if (current.valid()) continue;
    if (errno == ENOENT || errno == ENOTDIR) return std::nullopt;
    throw file_error(errno, "open the folder", path_of(up_to(folder, component)));
  }
  return current;
}

FileDescriptor FolderRoot::make_folder(std::string_view folder) const {
  if (folder.empty()) return self();
  FileDescriptor current;
  for (const auto component : split(folder, '/')) {
    const int parent = current.valid() ? current.get() : root_.get();
    FileDescriptor next = step(parent, component);
    if (!next.valid() && errno == ENOENT) {
      const bool made = ::mkdirat(parent, std::string(component).c_str(), kFolderMode) == 0;
      if (made || errno == EEXIST) next = step(parent, component);
    }
    if (!next.valid()) throw file_error(errno, "make the folder", path_of(up_to(folder, component)));
    current = std::move(next);
  }
  return current;
}

void FolderRoot::make_durable(std::string_view folder) {
  if (folder.empty()) return;
  {
    const std::scoped_lock lock(mutex_);
    if (durable_.contains(folder)) return;
  }
  // A folder's name stands in its parent, so it is the parents that are synced, from the root down.
  const auto parent = folder_of(folder);
  make_durable(parent);
  sync_folder(make_folder(parent).get(), path_of(parent));
  const std::scoped_lock lock(mutex_);
  durable_.emplace(folder);
}

// flock() alone is enough where all see it. Elsewhere the lock file is the lock, and flock() comes first only
// because it costs less to wait for, and ends with its process. That is so for NFS as well: one machine may
// be refused by its lock service (ENOLCK), or be mounted without, where another one is not.
FolderLock FolderRoot::lock() {
  const FileDescriptor folder = temporary_folder();
  FileDescriptor locked = lock_by_flock(folder.get());
  if (locked.valid() && is_local()) return {.locked = std::move(locked), .file = {}};
  auto file = make_lock_file(folder.get());
  if (!file) tell_of_no_lock(locked.valid());
  return {.locked = std::move(locked), .file = std::move(file)};
}

// flock() ends with its process, so a crash leaves no lock behind. It is polled: a hubkeep that was stopped
// (SIGSTOP) would hold everybody else up without a word. Invalid where there is no flock().
FileDescriptor FolderRoot::lock_by_flock(int temporary_folder) const {
  FileDescriptor file(
      ::openat(temporary_folder, "lock", O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, kFileMode));
  if (!file.valid()) throw file_error(errno, "open the lock", path_of(".tmp/lock"));
  for (int looks = 1; ::flock(file.get(), LOCK_EX | LOCK_NB) != 0; ++looks) {
    if (is_lacking(FileCall::lock, errno)) return {};
    if (errno != EWOULDBLOCK && errno != EINTR) throw file_error(errno, "lock", path_of(".tmp/lock"));
    if (looks == kMaxLockLooks) {
      throw Error(
          ErrorKind::transient,
          "cannot lock " + printable(path_of(".tmp/lock")) +
              ": another process has held it for a minute: look for a hubkeep that was stopped or hangs");
    }
    std::this_thread::sleep_for(kLockPause);
  }
  return file;
}

// Nothing where it cannot be made.
std::optional<LockFile> FolderRoot::make_lock_file(int temporary_folder) const {
  LockFileWaiter waiter(temporary_folder, std::string(kLockFileName));
  const std::string path = path_of(fmt::format("{}/{}", kTemporaryFolder, kLockFileName));
  for (int looks = 0; looks < kMaxLockFileLooks; ++looks) {
    if (auto lock = waiter.look()) return lock;
    if (is_lacking(FileCall::make_new, waiter.error())) return std::nullopt;
    if (waiter.error() != 0) throw file_error(waiter.error(), "make the lock", path);
    std::this_thread::sleep_for(kLockPause);
  }
  throw Error(ErrorKind::transient,
              fmt::format("cannot take the lock {}: {} holds it: look for a hubkeep that was stopped or "
                          "hangs there; if there is none, remove that file",
                          printable(path), waiter.holder()));
}

void FolderRoot::tell_of_no_lock(bool is_locked_here) {
  std::call_once(told_, [&] {
    if (!notice_) return;
    const std::string there = describe_file_system(path_);
    notice_(is_locked_here
                ? fmt::format("{} has no locks that other machines see: two machines must not write to {} at "
                              "the same time",
                              there, printable(path_))
                : fmt::format("{} has no locks: two runs must not write to {} at the same time", there,
                              printable(path_)));
  });
}

}  // namespace hubkeep
