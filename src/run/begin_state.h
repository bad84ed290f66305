// What a run finds written of the runs before it. A vault that lacks one that it had was set back to what it
// had been before, as when an old copy of it is put back. What came after is lost; that stays in the vault's
// state until a repair accepts it.
#pragma once

#include <stop_token>

#include "backup/backup_context.h"

namespace hubkeep {

/// As Vault::begin_state(). A vault that does not know the run that `context` knows is told of, and it is
/// written down as a loss.
HostState begin_state(const BackupContext& context, const Catalog& catalog, const std::stop_token& stop);

/// A notice, where snapshots of `catalog` bear a time that is yet to come.
void tell_of_the_future(const BackupContext& context, const Catalog& catalog);

}  // namespace hubkeep
