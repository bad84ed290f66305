// `hubkeep list --missing`: what GitHub knows of repositories and the vault does not have, with the reason.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "vault/catalog.h"
#include "vault/meta_part.h"

namespace hubkeep {

/// A line for each kind of documents of which the vault has others than GitHub counts, that the token may not
/// see, or of which GitHub gives out no more. Empty: nothing is missing. Pure.
std::string missing_text(const std::string& repository, const MetaPart& meta);
/// The same as {"kind", "kept", "github", "why"}, in an array. Pure.
nlohmann::ordered_json missing_json(const MetaPart& meta);

}  // namespace hubkeep
