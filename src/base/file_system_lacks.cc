// The kernel's own words where a file system has no such operation, and those that others have met:
//   rename_to_new  rename(2): EINVAL where the file system has no such flag (vboxsf, hgfs, NFS, sshfs),
//   ENOSYS
//                  where the kernel or a FUSE server has no renameat2(); EPERM from seccomp filters
//   link           link(2): EPERM (FAT, exFAT, vboxsf), EOPNOTSUPP (CIFS), ENOSYS (FUSE), EMLINK for a limit
//                  of one name; EXDEV from union file systems whose branches are several disks
//   lock           flock(2), nfs(5): ENOLCK without a lock daemon; ENOSYS, EOPNOTSUPP, EINVAL (FUSE, hgfs,
//   CIFS) make_new       open(2): what FUSE servers say that know no O_EXCL sync_folder    vfs_fsync_range()
//   in fs/sync.c: EINVAL without an operation for it (vboxsf); EBADF is what
//                  PostgreSQL's fsync_fname() has met, ENOTTY and EPERM what restic has on shares
//   set_mode       chmod(2): EPERM (FAT), ENOSYS and EOPNOTSUPP (FUSE)
//   symbolic_link  symlink(2): EPERM (FAT, exFAT), EOPNOTSUPP (CIFS), ENOSYS (FUSE)
//   map            mmap(2): ENODEV (FUSE with direct_io), EINVAL (9p without a cache)
// What tells of the device or of its room (EIO, ENOSPC, EDQUOT, EROFS) stands in no line: it stays an error.
#include "base/file_system_lacks.h"

#include <algorithm>
#include <cerrno>
#include <span>

namespace hubkeep {
namespace {

constexpr int kRenameToNew[] = {EINVAL, ENOSYS, EPERM, EOPNOTSUPP};
constexpr int kLink[] = {EPERM, EOPNOTSUPP, EMLINK, ENOSYS, EINVAL, EXDEV};
constexpr int kLock[] = {ENOLCK, ENOSYS, EOPNOTSUPP, EINVAL};
constexpr int kMakeNew[] = {EINVAL, ENOSYS, EOPNOTSUPP};
constexpr int kSyncFolder[] = {EINVAL, ENOTTY, EPERM, EBADF, EISDIR, ENOSYS, EOPNOTSUPP};
constexpr int kSetMode[] = {EPERM, ENOSYS, EOPNOTSUPP, EINVAL};
constexpr int kSymbolicLink[] = {EPERM, ENOSYS, EOPNOTSUPP, EINVAL};
constexpr int kMap[] = {ENODEV, EINVAL, ENOSYS, EOPNOTSUPP};

std::span<const int> answers_of(FileCall call) {
  switch (call) {
    case FileCall::rename_to_new:
      return kRenameToNew;
    case FileCall::link:
      return kLink;
    case FileCall::lock:
      return kLock;
    case FileCall::make_new:
      return kMakeNew;
    case FileCall::sync_folder:
      return kSyncFolder;
    case FileCall::set_mode:
      return kSetMode;
    case FileCall::symbolic_link:
      return kSymbolicLink;
    case FileCall::map:
      return kMap;
  }
  return {};
}

}  // namespace

bool is_lacking(FileCall call, int error_number) {
  const auto answers = answers_of(call);
  return std::find(answers.begin(), answers.end(), error_number) != answers.end();
}

}  // namespace hubkeep
