// What `hubkeep restore --json` prints.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "restore/restore_vault.h"

namespace hubkeep {

nlohmann::ordered_json to_json(const RestoreSummary& summary);

}  // namespace hubkeep
