// What came of a run.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "backup/backup_context.h"
#include "backup/outcome.h"
#include "run/run_losses.h"
#include "vault/catalog.h"
#include "vault/host_state.h"
#include "vault/vault.h"

namespace hubkeep {

struct RunSummary {
  SnapshotId run;
  std::string vault;  // its id
  bool vault_is_new = false;
  UtcTime started;
  UtcTime finished;
  std::vector<Outcome> outcomes;  // in order of completion
  std::vector<std::string>
      run_problems;  // what went wrong beside the repositories: catalog or report not written
  std::uint64_t api_requests = 0;
  Leftovers leftovers;  // of runs that were killed, or that are under way
  bool stopped = false;
  std::vector<OpenLosses> losses;          // found by this run or before, and accepted by nobody
  std::vector<LostForGood> lost_for_good;  // accepted by this run, which is a repair
  std::optional<CompletedRun> newest_run;  // that the vault names at the end

  std::vector<AbsenceAlarm> alarms;  // of repositories that GitHub does not show any more

  /// Nothing is amiss: neither with a repository, nor with the run, nor in the vault. A run that was stopped
  /// may be good.
  bool is_good() const;
  std::size_t count(OutcomeKind kind) const;
  /// Of that part, of all subjects; without a name, of all parts.
  FileCounts files(std::string_view part = {}) const;
  DocumentCounts documents() const;
  /// Of git and of Git LFS: what parts have asked the API is in `api_requests`.
  std::uint64_t git_requests() const;
};

/// Names the zips of the run's `day`, and makes the next run quick. A failure is one of the summary's
/// problems: the next run finds the snapshots all the same.
void write_catalog(Vault& vault, const std::string& day, std::vector<CatalogUpdate> updates,
                   const Notice& notice, RunSummary& summary);

/// What the run's outcomes change in the state of `host`, and what the state then says is lost. A failure is
/// one of the summary's problems.
void write_state(const BackupContext& context, const std::vector<CatalogUpdate>& updates,
                 RunSummary& summary);

/// What one outcome changes in a host's state. Pure.
void note_outcome(HostState& state, const Outcome& outcome, UtcTime now);

/// The last line of a run's report.
nlohmann::ordered_json closing_line(const RunSummary& summary);

}  // namespace hubkeep
