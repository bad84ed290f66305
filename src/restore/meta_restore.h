// What GitHub says of a gist: NAME.meta.jsonl, its document and its comments, each a line as it was sent.
#pragma once

#include <memory>

#include "restore/part_restore.h"

namespace hubkeep {

/// `work` outlives it.
std::unique_ptr<PartRestore> meta_restore(const PartRestoreWork& work);

}  // namespace hubkeep
