// What a query may cost at most, by GitHub's published formula, before it is executed ("Rate limits and query
// limits for the GraphQL API").
#pragma once

#include <cstdint>
#include <vector>

#include "sim/graphql_query.h"

namespace hubkeep::sim {

struct GraphCost {
  std::int64_t nodes = 0;     // that it may return
  std::int64_t requests = 0;  // to fetch its connections, each up to its `first` or `last`

  /// A hundred requests are a point, and no query is free.
  int points() const;
};

GraphCost cost_of(const std::vector<Selection>& query);
/// Whether anything in there is a connection that is read.
bool has_connections(const std::vector<Selection>& selections);

}  // namespace hubkeep::sim
