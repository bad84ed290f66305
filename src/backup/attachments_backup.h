// Files that somebody has put into the texts of a repository, as far as other parts have found their
// addresses.
#pragma once

#include "backup/part_backup.h"

namespace hubkeep {

std::shared_ptr<const PartBackup> attachments_backup();

}  // namespace hubkeep
