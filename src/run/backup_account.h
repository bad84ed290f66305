// Backs up an account: lists its repositories, gives them to workers, writes catalog and run report.
#pragma once

#include <map>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "backup/zip_repair.h"
#include "github/github.h"
#include "run/run_summary.h"
#include "run/workers.h"

namespace hubkeep {

struct RunOptions {
  RepositorySelection selection;
  int jobs = 8;
  std::chrono::seconds stale_after{24 * 3600};
  /// Only these are backed up, whatever else the selection has; see backup_repository().
  std::optional<Findings> repair;
  DamagedZips damaged_zips;  // beside `repair`; see zip_repair.h
  /// Beside `repair`: what was lost of the vault itself, by host.
  std::map<std::string, std::vector<ObjectKey>> lost_of_vault;
  RunContents contents;
};

/// `memory` is what all jobs share; the store takes what it needs beyond a job's share from it too.
/// One repository's failure is an outcome, never the end of the run. Throws Error when nothing could be done
/// at all: the listing failed, or selected nothing.
RunSummary backup_account(const BackupContext& context, const RunOptions& options, MemoryBudget& memory,
                          const StopTokens& stops);

}  // namespace hubkeep
