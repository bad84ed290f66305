// The scopes of classic tokens. GitHub looks at them before it executes anything, and refuses a whole query
// for one field that lacks one.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <vector>

#include "sim/graphql_query.h"
#include "sim/world.h"

namespace hubkeep::sim {

/// An error for each field that the token's scopes do not allow.
nlohmann::json scopes_lacking(const std::vector<Selection>& query, const Token& token);

}  // namespace hubkeep::sim
