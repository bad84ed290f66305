// Object lock: a snapshot is safe for as long as the oldest object that it needs.
#pragma once

#include <map>
#include <mutex>

#include "backup/backup_repository.h"

namespace hubkeep {

/// Until when the jobs of a run have locked what repositories share: no fork extends it again. Thread-safe.
class SharedLocks {
 public:
  bool is_locked(const ObjectKey& key, UtcTime until) const;
  void note(const ObjectKey& key, UtcTime until);

 private:
  mutable std::mutex mutex_;
  std::map<ObjectKey, UtcTime> until_;  // guarded by mutex_
};

/// How long the objects of one repository are to be locked.
struct LockTask {
  LockPlan plan;  // from before the work on the repository began
  SharedLocks& shared;
};

/// Sees to it that all that the newest snapshot of a repository needs stays locked: after a new snapshot what
/// it builds on, or has found in the vault, is locked as long as itself, and where nothing is new, all is
/// locked anew when half of the time is over. `known` is what the catalog knew before the work on the
/// repository began, `result` what came of it; its update learns the date. Makes no request where the
/// catalog's date is late enough. A failure becomes the result's, and what a stop has ended is not done: what
/// was saved stays so.
RepositoryResult keep_locked(const BackupContext& context, const LockTask& task,
                             const std::optional<CatalogEntry>& known, RepositoryResult result,
                             const std::stop_token& stop);

}  // namespace hubkeep
