// A restore exercise: some repositories of a vault are restored, by the vault alone, looked at, timed, and
// removed again. What came of it is kept in the vault, for the next drill and for whoever asks.
#pragma once

#include <stop_token>

#include "drill/drill_options.h"
#include "vault/vault.h"

namespace hubkeep {

/// One repository after the other, so that each has the machine for itself while its time is taken. A vault
/// that cannot be written to gives the result all the same; that it was not kept is told. Throws Error:
/// cancelled before anything was begun, not_found where the vault has nothing to restore, and what
/// find_repository() and Vault::load_catalog() throw.
DrillReport drill_vault(Vault& vault, Clock& clock, const DrillOptions& options, DrillObserver& observer,
                        const std::stop_token& stop);

}  // namespace hubkeep
