// POST /api/graphql, as an Enterprise Server has it beside /api/v3: it knows the one query that hubkeep
// sends.
#pragma once

#include "sim/api.h"
#include "sim/http_message.h"
#include "sim/world.h"

namespace hubkeep::sim {

inline constexpr const char* kGraphQlPath = "/api/graphql";

/// Nodes that the token cannot see are null, with an error beside the data. Any other query is refused as
/// GitHub refuses one that its schema does not have.
HttpResponse answer_graphql(const World& world, const HttpRequest& request, const Caller& caller);

/// What GitHub's GraphQL says, with status 200, where REST says 403.
HttpResponse graphql_rate_limit();

}  // namespace hubkeep::sim
