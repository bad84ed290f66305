// For tests: what somebody else does to the objects of a vault.
#pragma once

#include <span>
#include <string>

#include "base/error.h"
#include "vault/vault_objects.h"

namespace hubkeep {

inline void overwrite_object(VaultObjects& objects, const ObjectKey& key, const std::string& stored) {
  objects.update(key, [&](const auto&) { return stored; }, {});
}

inline void remove_object(VaultObjects& objects, const ObjectKey& key) {
  const auto results = objects.remove(std::span(&key, 1), {});
  if (results.front()) throw Error(*results.front());
}

}  // namespace hubkeep
