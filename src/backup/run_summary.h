// What came of a run.
#pragma once

#include <string>
#include <vector>

#include "backup/outcome.h"
#include "vault/catalog.h"
#include "vault/vault.h"

namespace hubkeep {

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

/// Names the zips of the run's `day`, and makes the next run quick. A failure is one of the summary's
/// problems: the next run finds the snapshots all the same.
void write_catalog(Vault& vault, const std::string& day, std::vector<CatalogUpdate> updates,
                   const Notice& notice, RunSummary& summary);

/// The last line of a run's report.
nlohmann::ordered_json closing_line(const RunSummary& summary);

}  // namespace hubkeep
