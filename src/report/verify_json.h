// `hubkeep verify --json`. vault/findings.h reads what `backup --repair` needs of it.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "verify/verify_vault.h"

namespace hubkeep {

nlohmann::ordered_json to_json(const Damage& damage);
nlohmann::ordered_json to_json(const Unnamed& unnamed);
nlohmann::ordered_json to_json(const Verdict& verdict);
nlohmann::ordered_json to_json(const ZipVerdict& verdict);
nlohmann::ordered_json to_json(const StateVerdict& verdict);
nlohmann::ordered_json to_json(const RunsVerdict& verdict);
nlohmann::ordered_json to_json(const VerifySummary& summary);

}  // namespace hubkeep
