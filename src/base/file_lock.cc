// flock() on the temporary file itself: the kernel gives it back when the process ends, killed or not. Where
// the file system may not tell other machines of it, whoever asks goes by age instead; kLocal lists those
// that need not.
#include "base/file_lock.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>

#include "base/text.h"

namespace hubkeep {
namespace {

constexpr mode_t kFileMode = 0600;  // the vault holds private code
constexpr int kMostNames = 8;       // each that is lost is one that a run which cleans up looked at just then

// statfs(2); those that <linux/magic.h> does not have are named beside their number.
constexpr std::array<unsigned long, 17> kLocal = {
    EXT4_SUPER_MAGIC,
    XFS_SUPER_MAGIC,
    BTRFS_SUPER_MAGIC,
    TMPFS_MAGIC,
    RAMFS_MAGIC,
    F2FS_SUPER_MAGIC,
    OVERLAYFS_SUPER_MAGIC,
    MSDOS_SUPER_MAGIC,
    NILFS_SUPER_MAGIC,
    REISERFS_SUPER_MAGIC,
    ECRYPTFS_SUPER_MAGIC,
    0x2FC12FC1,  // ZFS
    0xCA451A4E,  // bcachefs
    0x2011BAB0,  // exFAT
    0x7366746E,  // NTFS, by the kernel
    0x3153464A,  // JFS
    0x482B,      // HFS+
};

bool has_a_name(int file) {
  struct stat status{};
  return ::fstat(file, &status) == 0 && status.st_nlink > 0;
}

}  // namespace

bool are_locks_seen_by_all(int folder) {
  struct statfs status{};
  if (::fstatfs(folder, &status) != 0) return false;
  return std::find(kLocal.begin(), kLocal.end(), static_cast<unsigned long>(status.f_type)) != kLocal.end();
}

// Between the making of a file and its lock, a run that cleans up may take it for a dead writer's: it then
// holds the lock, or has removed the name.
FileDescriptor make_locked_file(int folder, std::string& name) {
  const std::string last = name;
  for (int attempt = 1;; ++attempt) {
    name = (random_hex(8) + "-" + last).substr(0, NAME_MAX);
    FileDescriptor file(::openat(folder, name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, kFileMode));
    if (!file.valid()) return file;
    const Holder holder = find_holder(file);
    if (holder == Holder::unknown || (holder == Holder::none && has_a_name(file.get()))) return file;
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
