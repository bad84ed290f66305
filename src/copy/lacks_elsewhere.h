// Whether a copy is whole outside of the folders that hubkeep knows: several repositories may need what lies
// there, below the vault's root.
#pragma once

#include "vault/vault_objects.h"

namespace hubkeep {

/// Whether `to` lacks an object of `from`, or has it with another size, in a folder of the root that is
/// neither the repositories' nor one of those that are copied on their own. A request for a thousand objects
/// in each of the two.
bool lacks_elsewhere(VaultObjects& from, VaultObjects& to);

}  // namespace hubkeep
