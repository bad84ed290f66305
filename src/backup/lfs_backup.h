// The part "lfs": the objects of Git LFS that the history points at.
#pragma once

#include <memory>

#include "backup/part_backup.h"
#include "git/lfs_pointers.h"

namespace hubkeep {

struct LfsOptions {
  ByteCount largest = 0;                  // larger ones are not fetched; 0: all are
  std::size_t most = LfsPointers::kMost;  // that one history may point at; further ones are not looked at
};

/// Comes after the history in a run's parts.
std::shared_ptr<const PartBackup> lfs_backup(const LfsOptions& options);

}  // namespace hubkeep
