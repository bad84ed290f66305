// `hubkeep copy --json`.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "copy/copy_vault.h"

namespace hubkeep {

nlohmann::ordered_json to_json(const CopyOutcome& outcome);
nlohmann::ordered_json to_json(const CopySummary& summary);

}  // namespace hubkeep
