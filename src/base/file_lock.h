// Whether the writer of a temporary file lives: it holds a lock on the file, which ends with its process,
// however that ends.
#pragma once

#include <string>

#include "base/file_descriptor.h"

namespace hubkeep {

/// Whether a lock here is seen by all who can reach the file: on a file system of this machine's own. On one
/// that comes over a network (NFS, SMB, FUSE), a lock may be known to the machine alone that holds it.
bool are_locks_seen_by_all(int folder);

/// Makes a new file in `folder` under a name that begins with random digits and goes on with `name`, locked
/// as far as locks are known there. Sets `name` to the whole. Invalid, and errno, where it cannot be made.
FileDescriptor make_locked_file(int folder, std::string& name);

enum class Holder {
  none,     // nobody: the lock is the caller's until `file` is closed
  alive,    // a process that runs
  unknown,  // no locks here
};
/// Never waits.
Holder find_holder(const FileDescriptor& file);

}  // namespace hubkeep
