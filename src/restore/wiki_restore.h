// The wiki: a history of its own, in a repository NAME.wiki beside the other, as GitHub has it.
#pragma once

#include <memory>

#include "restore/part_restore.h"

namespace hubkeep {

/// `work` outlives it.
std::unique_ptr<PartRestore> wiki_restore(const PartRestoreWork& work);

}  // namespace hubkeep
