// The releases of a repository and the files that hang on them.
#pragma once

#include "backup/part_backup.h"

namespace hubkeep {

/// Whether releases may have changed, as far as can be known without asking. Pure.
Freshness judge_releases(const CatalogEntry& known, const Listing& listed, const Recheck& recheck);

std::shared_ptr<const PartBackup> releases_backup();

}  // namespace hubkeep
