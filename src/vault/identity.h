// hubkeep.json: which vault this is; docs/storage-format.md. It is small, alone and written once, so nothing
// in it may be needed to read a vault, and all of it stands elsewhere too: see Vault::recover_identity().
#pragma once

#include <string>
#include <string_view>

#include "base/clock.h"

namespace hubkeep {

constexpr std::string_view kIdentityKey = "hubkeep.json";

struct Identity {
  std::string vault;  // see is_vault_id()
  UtcTime created_at;

  friend bool operator==(const Identity&, const Identity&) = default;
};

/// 32 lower-case hexadecimal digits.
bool is_vault_id(std::string_view text);
std::string new_vault_id();

std::string format_identity(const Identity& identity);

/// Throws Error: corrupt for what no version of hubkeep has written, invalid for a storage format that this
/// version does not know.
Identity parse_identity(std::string_view text);

}  // namespace hubkeep
