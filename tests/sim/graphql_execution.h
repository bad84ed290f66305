// Executes a query over objects, as GraphQL says (October 2021, section 6), with the pages, the limits and
// the errors of GitHub.
#pragma once

#include <deque>
#include <map>
#include <nlohmann/json.hpp>

#include "sim/api.h"
#include "sim/graph_orders.h"
#include "sim/graphql_cost.h"
#include "sim/graphql_object.h"
#include "sim/rate_limit.h"

namespace hubkeep::sim {

/// Thrown: the whole query is refused with these errors.
struct GraphRefusal {
  nlohmann::json errors;
};

/// One query under way.
class GraphExecution {
 public:
  struct Scene {
    const World& world;
    const Caller& caller;
    const ApiAddresses& addresses;
    std::size_t most_pull_requests;  // on a page, when each has connections of its own
    GraphCost cost;
    RateLimitState limit;  // before this query
    GraphOrders& orders;
  };

  explicit GraphExecution(Scene scene) : scene_(std::move(scene)) {}

  /// Throws GraphRefusal, and Error for what the model does not have.
  nlohmann::ordered_json select(const std::vector<Selection>& selections, const GraphObject& object);

  /// null, with that error for the field.
  GraphValue refuse(const Selection& field, nlohmann::json error);
  /// What GitHub says where the kind of token is not allowed what its user is; null.
  GraphValue forbid(const Selection& field);

  const Scene& scene() const { return scene_; }
  const World& world() const { return scene_.world; }
  const std::optional<Token>& token() const { return scene_.caller.token; }
  nlohmann::json& errors() { return errors_; }

 private:
  using Collected = std::vector<const Selection*>;

  const Collected& collect(const std::vector<Selection>& selections, std::string_view type);
  void collect_into(Collected& out, const std::vector<Selection>& selections, std::string_view type);
  nlohmann::ordered_json complete(const GraphValue& value, const Selection& field);
  nlohmann::ordered_json list(const GraphValue::List& values, const Selection& field);
  nlohmann::ordered_json page(const GraphConnection& connection, const Selection& field);
  GraphValue too_much(const Selection& field);
  bool is_too_much(const GraphValue::List& values, const Selection& field) const;

  Scene scene_;
  nlohmann::json errors_ = nlohmann::json::array();
  nlohmann::json path_ = nlohmann::json::array();  // of the field under way
  std::map<std::pair<const std::vector<Selection>*, std::string>, Collected> collected_;
  std::deque<Selection> merged_;  // of fields that are selected in several places
};

/// {"type", "path"…} for a thing that is not there.
nlohmann::json graph_error(std::string_view type, std::string message);

}  // namespace hubkeep::sim
