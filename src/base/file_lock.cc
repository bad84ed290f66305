// flock() on the temporary file itself: the kernel gives it back when the process ends, killed or not. Where
// the file system may not tell other machines of it (lock_reach()), whoever asks goes by age instead.
#include "base/file_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <cerrno>
#include <climits>

#include "base/file_system.h"
#include "base/file_system_lacks.h"
#include "base/text.h"

namespace hubkeep {
namespace {

constexpr mode_t kFileMode = 0600;  // the vault holds private code
constexpr int kMostNames = 8;       // each that is lost is one that a run which cleans up looked at just then

// Some FUSE servers count no links at all.
bool has_a_name(int file, int folder, const std::string& name) {
  struct stat status{};
  return (::fstat(file, &status) == 0 && status.st_nlink > 0) ||
         ::fstatat(folder, name.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0;
}

int make_new(int folder, const std::string& name) {
  constexpr int kFlags = O_WRONLY | O_CREAT | O_CLOEXEC;
  const int file = ::openat(folder, name.c_str(), kFlags | O_EXCL, kFileMode);
  if (file >= 0 || !is_lacking(FileCall::make_new, errno)) return file;
  return ::openat(folder, name.c_str(), kFlags | O_NOFOLLOW, kFileMode);  // its name is random
}

}  // namespace

bool are_locks_seen_by_all(int folder) {
  return lock_reach(folder) == LockReach::here;
}

// Between the making of a file and its lock, a run that cleans up may take it for a dead writer's: it then
// holds the lock, or has removed the name.
FileDescriptor make_locked_file(int folder, std::string& name) {
  const std::string last = name;
  for (int attempt = 1;; ++attempt) {
    name = (random_hex(8) + "-" + last).substr(0, NAME_MAX);
    FileDescriptor file(make_new(folder, name));
    if (!file.valid()) return file;
    const Holder holder = find_holder(file);
    if (holder == Holder::unknown || (holder == Holder::none && has_a_name(file.get(), folder, name)))
      return file;
    ::unlinkat(folder, name.c_str(), 0);
    errno = EBUSY;
    if (attempt == kMostNames) return {};
  }
}

Holder find_holder(const FileDescriptor& file) {
  int result = 0;
  do {
    result = ::flock(file.get(), LOCK_EX | LOCK_NB);
  } while (result != 0 && errno == EINTR);
  if (result == 0) return Holder::none;
  return errno == EWOULDBLOCK ? Holder::alive : Holder::unknown;
}

}  // namespace hubkeep
