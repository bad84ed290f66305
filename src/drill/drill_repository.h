// The exercise with one repository.
#pragma once

#include <filesystem>
#include <stop_token>

#include "drill/drill_options.h"
#include "vault/vault.h"

namespace hubkeep {

/// What is the same for all repositories of a drill.
struct DrillContext {
  Vault& vault;
  Clock& clock;
  const DrillOptions& options;
  const std::filesystem::path& scratch;
  DrillObserver& observer;
  const std::stop_token& stop;
};

/// The edge of one repository's work: what goes wrong is in the outcome. Nothing of it is left on the disk.
DrillOutcome drill_repository(const DrillContext& context, const CatalogEntry& entry, ChosenAs chosen_as);

}  // namespace hubkeep
