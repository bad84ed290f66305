// The table of what can be restored beside a history.
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "restore/part_restore.h"
#include "restore/restore_choice.h"

namespace hubkeep {

using PartRestores = std::vector<std::unique_ptr<PartRestore>>;

/// A step for each part of the snapshot that is chosen and has content, in the order of a backup.
/// `work` outlives them.
PartRestores part_restores(const PartRestoreWork& work, const RestoreChoice& choice);

/// Whether this version has a step for such a part.
bool has_step(std::string_view part);

/// Tells which of the parts that are chosen the backup could not save to their end.
void tell_what_is_not_complete(const PartRestoreWork& work, const RestoreChoice& choice);

}  // namespace hubkeep
