#include "backup/run_summary.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "backup/zip_backup.h"

namespace hubkeep {

std::size_t RunSummary::count(OutcomeKind kind) const {
  return static_cast<std::size_t>(std::count_if(
      outcomes.begin(), outcomes.end(), [&](const Outcome& outcome) { return outcome.kind == kind; }));
}

// Not stopped by the stop that ended the run: what is finished must be kept.
void write_catalog(Vault& vault, const std::string& day, std::vector<CatalogUpdate> updates,
                   const Notice& notice, RunSummary& summary) {
  std::vector<ZipRecord> zips;
  for (const Outcome& outcome : summary.outcomes)
    if (outcome.zip) zips.push_back(*outcome.zip);
  if (const auto error = name_zips(vault, day, zips, updates))
    summary.run_problems.push_back("the zips of this run could not be named (the next run does it): " +
                                   error->message());
  try {
    vault.update_catalog(updates, notice, {});
  } catch (const Error& error) {
    summary.run_problems.push_back(
        "the catalog could not be written (the next run finds the snapshots all the same): " +
        error.message());
  }
}

nlohmann::ordered_json closing_line(const RunSummary& summary) {
  return {{"finished", format_time(summary.finished)},
          {"stopped", summary.stopped},
          {"api_requests", summary.api_requests},
          {"problems", summary.run_problems}};
}

}  // namespace hubkeep
