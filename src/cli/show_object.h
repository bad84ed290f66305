// One object of a vault on standard output: text decoded, for people and their tools; anything else byte for
// byte.
#pragma once

#include <stop_token>

#include "store/object_key.h"
#include "vault/vault_objects.h"

namespace hubkeep {

/// Throws Error: not_found, invalid for what is no text on a terminal, and as VaultObjects does.
void show_object(VaultObjects& objects, const ObjectKey& key, const std::stop_token& stop);

}  // namespace hubkeep
