// Whether what was written down as lost is there again.
#pragma once

#include <stop_token>

#include "vault/vault.h"

namespace hubkeep {

/// Whether what was lost is there again as it was written, as far as that is known of it, or is a snapshot
/// that was removed since. Reads manifests and
/// what was found changed, and asks for the size of anything else.
bool is_back(Vault& vault, const Loss& loss, const std::stop_token& stop);

}  // namespace hubkeep
