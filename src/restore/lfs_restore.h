// The objects of Git LFS: into the repository's lfs/objects, where git-lfs looks for them before it asks any
// server, and from there into the files of the work tree.
#pragma once

#include <memory>

#include "restore/part_restore.h"

namespace hubkeep {

/// The repository is there when it runs. `work` outlives it.
std::unique_ptr<PartRestore> lfs_restore(const PartRestoreWork& work);

}  // namespace hubkeep
