// Backs up an account: lists its repositories, gives them to workers, writes catalog and run report.
#pragma once

#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "backup/backup_repository.h"
#include "backup/zip_backup.h"
#include "base/memory_budget.h"
#include "github/github.h"

namespace hubkeep {

/// What one job holds beside the store's buffer: libcurl's, the queue before the pack scanner and its window,
/// a request body.
constexpr ByteCount kJobMemory = ByteCount{3} << 20;

/// What verify found, of one repository.
struct DamagedRepository {
  std::string name;
  std::vector<std::string> lost;  // keys of objects, relative to the repository's folder
};

struct RunOptions {
  RepositorySelection selection;
  int jobs = 8;
  std::chrono::seconds stale_after{24 * 3600};
  /// Only these are backed up, whatever else the selection has; see backup_repository().
  std::optional<std::map<RepositoryKey, DamagedRepository>> repair;
  ZipTime zips = ZipTime::never;
  bool history = true;  // without it, zips are all that is saved
};

struct RunSummary {
  SnapshotId run;
  UtcTime started;
  UtcTime finished;
  std::vector<Outcome> outcomes;  // in order of completion
  std::vector<std::string>
      run_problems;  // what went wrong beside the repositories: catalog or report not written
  std::uint64_t api_requests = 0;
  int stale_removed = 0;  // what writers that died had left
  bool stopped = false;

  std::size_t count(OutcomeKind kind) const;
};

/// `memory` is what all jobs share; the store takes what it needs beyond a job's share from it too.
/// One repository's failure is an outcome, never the end of the run. Throws Error when nothing could be done
/// at all: the listing failed, or selected nothing.
RunSummary backup_account(const BackupContext& context, GitHub& github, const RunOptions& options,
                          MemoryBudget& memory, const std::stop_token& stop);

}  // namespace hubkeep
