// Object lock: a snapshot is safe for as long as the oldest object that it needs.
#pragma once

#include "backup/backup_repository.h"

namespace hubkeep {

/// Sees to it that all that the newest snapshot of a repository needs stays locked: after a new snapshot what
/// it builds on, or has found in the vault, is locked as long as itself, and where nothing is new, all is
/// locked anew when half of the time is over. `plan` is from before the work on the repository began, `known`
/// what the catalog knew then, `result` what came of it; its update learns the date. Makes no request where
/// the catalog's date is late enough. A failure becomes the result's: what was saved stays so.
RepositoryResult keep_locked(const BackupContext& context, const LockPlan& plan,
                             const std::optional<CatalogEntry>& known, RepositoryResult result,
                             const std::stop_token& stop);

}  // namespace hubkeep
