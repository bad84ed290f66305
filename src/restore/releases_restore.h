// Releases: NAME.releases/TAG/release.json, as GitHub sent it, and the files of the release under their own
// names.
#pragma once

#include <memory>

#include "restore/part_restore.h"

namespace hubkeep {

/// `work` outlives it.
std::unique_ptr<PartRestore> releases_restore(const PartRestoreWork& work);

}  // namespace hubkeep
