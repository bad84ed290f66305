// Which file system a path is on: its name for people, and who else may reach it.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace hubkeep {

/// Who sees a lock by flock() that somebody holds.
enum class LockReach {
  here,     // all who can reach the file: it is on a disk of this machine's own
  unknown,  // this machine perhaps alone: even with NFS, by the options of a mount (nolock, local_lock=)
};

/// `descriptor` is of any file or folder on it.
LockReach lock_reach(int descriptor);

/// "fuse.sshfs at /mnt/backup", for messages. `path` need not exist; the name alone where nobody tells the
/// place, "the file system" where nobody tells anything.
std::string describe_file_system(const std::string& path);

struct Mount {
  std::string type;  // with its kind: "fuse.sshfs"
  std::string place;
};

/// Where the absolute path is mounted, by the lines of /proc/self/mountinfo. See proc(5).
std::optional<Mount> find_mount(std::string_view mountinfo, std::string_view path);

}  // namespace hubkeep
