// POST /api/graphql, as an Enterprise Server has it beside /api/v3. The query is written in whatever way the
// language has; what it may ask for is what the graph_*.h make of the World.
#pragma once

#include <cstdint>
#include <mutex>
#include <string>

#include "sim/api.h"
#include "sim/graph_orders.h"
#include "sim/http_message.h"
#include "sim/rate_limit.h"
#include "sim/world.h"

namespace hubkeep::sim {

inline constexpr const char* kGraphQlPath = "/api/graphql";

/// What GitHub refuses whatever the budget.
struct GraphQlLimits {
  std::size_t pull_requests = 50;  // on a page, when each has connections of its own
  std::int64_t nodes = 500'000;    // that a query might return
};

struct GraphQlAnswer {
  HttpResponse response;
  int points = 1;  // of the rate limit
};

/// Thread-safe.
class GraphQlServer {
 public:
  explicit GraphQlServer(const World& world) : world_(world) {}

  void set_limits(GraphQlLimits limits);

  /// What the token cannot see is null, with an error beside the data. A field that is not known here is
  /// refused as GitHub refuses one that its schema does not have. `limit`: before this query.
  GraphQlAnswer answer(const HttpRequest& request, const ApiAddresses& addresses, const Caller& caller,
                       const RateLimitState& limit);

 private:
  const World& world_;
  std::mutex mutex_;  // guards all below
  GraphQlLimits limits_;
  GraphOrders orders_;
};

/// What GitHub's GraphQL says, with status 200, where REST says 403.
HttpResponse graphql_rate_limit();
/// The name of the operation that a request's body asks for; "" where it has none.
std::string graphql_operation(const std::string& body);

}  // namespace hubkeep::sim
