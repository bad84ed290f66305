// POST /api/graphql, as an Enterprise Server has it beside /api/v3: nodes that are repositories, with their
// releases, as far as hubkeep asks for them.
#pragma once

#include "sim/api.h"
#include "sim/http_message.h"
#include "sim/world.h"

namespace hubkeep::sim {

inline constexpr const char* kGraphQlPath = "/api/graphql";

struct GraphQlAnswer {
  HttpResponse response;
  int cost = 1;  // in points of the rate limit
};

/// Nodes that the token cannot see are null, with an error beside the data. A field that is not known here is
/// refused as GitHub refuses one that its schema does not have.
GraphQlAnswer answer_graphql(const World& world, const HttpRequest& request, const Caller& caller);

/// What GitHub's GraphQL says, with status 200, where REST says 403.
HttpResponse graphql_rate_limit();

}  // namespace hubkeep::sim
