// One increment in place of many, with the newest line of each document.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include "vault/meta_part.h"
#include "vault/meta_state.h"
#include "vault/vault_objects.h"

namespace hubkeep {

struct MetaFoldPlace {
  VaultObjects& objects;
  const std::string& folder;
  std::stop_token stop = {};
};

/// From which of `increments` on, oldest first, one is worth having in place of them; their number: of none.
/// Older ones in an archive class stay. Throws Error as VaultObjects does.
std::size_t fold_from(const MetaFoldPlace& place, const std::vector<MetaIncrement>& increments);

/// Copies from `increments`, the last ones up to `state`, the newest line of each document; nothing where one
/// that the state knows is not there, so that it would be lost. Throws Error as VaultObjects does.
std::optional<ObjectRecord> fold_meta(const MetaFoldPlace& place, const std::string& record_key,
                                      std::span<const MetaIncrement> increments, const MetaState& state);

}  // namespace hubkeep
