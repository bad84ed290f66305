// Files that somebody has put into the texts of a repository, as far as other parts have found their
// addresses.
#pragma once

#include "backup/part_backup.h"

namespace hubkeep {

/// `texts`: another part that comes before it and finds addresses; null: releases alone do.
std::shared_ptr<const PartBackup> attachments_backup(std::shared_ptr<const PartBackup> texts = nullptr);

}  // namespace hubkeep
