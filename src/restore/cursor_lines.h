// What a backup knows of and could not have: it stands in a part's cursor, which is there to ask for it
// again.
#pragma once

#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "restore/part_restore.h"

namespace hubkeep {

/// Every line of the part's cursor; none where it has no cursor. One that cannot be read costs no more than
/// these names: that is told.
void visit_cursor(const PartRestoreWork& work, const Part& part,
                  const std::function<void(const nlohmann::ordered_json& line)>& visit);

/// For people: why it is not in the vault.
std::string reason_in(const nlohmann::ordered_json& line);

}  // namespace hubkeep
