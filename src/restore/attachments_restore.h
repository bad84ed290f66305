// Files that somebody put into texts: NAME.attachments, each under the name that it had, and
// attachments.json, which says which address is which file.
#pragma once

#include <memory>

#include "restore/part_restore.h"

namespace hubkeep {

/// `work` outlives it.
std::unique_ptr<PartRestore> attachments_restore(const PartRestoreWork& work);

}  // namespace hubkeep
