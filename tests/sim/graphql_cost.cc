#include "sim/graphql_cost.h"

#include <algorithm>

namespace hubkeep::sim {

using nlohmann::json;

namespace {

constexpr std::int64_t kRequestsPerPoint = 100;

/// How many of them a connection reads; 0 for what is none.
std::int64_t page_size(const Selection& field) {
  for (const char* name : {"first", "last"}) {
    const json value = field.arguments.value(name, json());
    if (value.is_number_integer()) return std::max<std::int64_t>(value.get<std::int64_t>(), 0);
  }
  return 0;
}

void add(const std::vector<Selection>& selections, std::int64_t times, GraphCost& out) {
  for (const Selection& each : selections) {
    std::int64_t below = times;
    const json ids = each.arguments.value("ids", json());
    if (const std::int64_t size = page_size(each); size > 0) {
      out.requests += times;
      below *= size;
      out.nodes += below;
    } else if (each.name == "nodes" && ids.is_array()) {
      out.requests += times;
      below *= static_cast<std::int64_t>(ids.size());
      out.nodes += below;
    }
    add(each.selections, below, out);
  }
}

}  // namespace

int GraphCost::points() const {
  return static_cast<int>(std::max<std::int64_t>(1, (requests + kRequestsPerPoint / 2) / kRequestsPerPoint));
}

GraphCost cost_of(const std::vector<Selection>& query) {
  GraphCost out;
  add(query, 1, out);
  return out;
}

bool has_connections(const std::vector<Selection>& selections) {
  return std::any_of(selections.begin(), selections.end(), [](const Selection& each) {
    return page_size(each) > 0 || has_connections(each.selections);
  });
}

}  // namespace hubkeep::sim
