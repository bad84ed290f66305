// The results of drills that a vault keeps.
#pragma once

#include <map>
#include <stop_token>

#include "drill/drill_record.h"
#include "vault/vault.h"

namespace hubkeep {

/// When each repository was last restored by a drill, as far as the newest 500 results tell. What cannot be
/// read is told, and is as good as not there.
std::map<SubjectKey, UtcTime> find_last_drilled(VaultObjects& objects, const Notice& notice,
                                                const std::stop_token& stop);

/// Writes the result, which is then never changed. Throws Error as VaultObjects does.
void keep_drill(VaultObjects& objects, const DrillReport& report);

}  // namespace hubkeep
