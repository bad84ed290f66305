// What GitHub knows beside the contents: NAME.meta.jsonl. Of a gist its document and its comments, each a
// line as it was sent; of a repository the newest of each document, with what it is of before it and when it
// was first missed, if it is gone.
#pragma once

#include <memory>

#include "restore/part_restore.h"

namespace hubkeep {

/// `work` outlives it. Of a repository's documents, those of the kinds that are chosen.
std::unique_ptr<PartRestore> meta_restore(const PartRestoreWork& work);

}  // namespace hubkeep
