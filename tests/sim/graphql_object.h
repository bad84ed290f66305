// What a query is executed over: objects with fields, lists and connections of them. A field that costs is a
// function, and is computed where a query asks for it alone.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/clock.h"
#include "sim/graphql_query.h"

namespace hubkeep::sim {

struct GraphObject;
struct GraphConnection;
struct GraphValue;
class GraphExecution;

/// A field as a query asks for it.
struct GraphField {
  const Selection& asked;
  GraphExecution& execution;

  /// null where it is not given.
  nlohmann::json argument(const char* name) const { return asked.arguments.value(name, nlohmann::json()); }
};

using GraphFunction = std::function<GraphValue(const GraphField&)>;

/// Converts from all that a field may be; times are texts, and what is missing is null.
struct GraphValue {
  using List = std::vector<GraphValue>;

  GraphValue(nlohmann::json scalar = nullptr) : value(std::move(scalar)) {}
  GraphValue(std::nullptr_t) : value(nlohmann::json()) {}
  GraphValue(const char* text) : value(nlohmann::json(text)) {}
  GraphValue(std::string_view text) : value(nlohmann::json(text)) {}
  GraphValue(std::string text) : value(nlohmann::json(std::move(text))) {}
  GraphValue(bool flag) : value(nlohmann::json(flag)) {}
  GraphValue(int number) : value(nlohmann::json(number)) {}
  GraphValue(std::int64_t number) : value(nlohmann::json(number)) {}
  GraphValue(std::size_t number) : value(nlohmann::json(number)) {}
  GraphValue(double number) : value(nlohmann::json(number)) {}
  GraphValue(UtcTime time) : value(nlohmann::json(format_time(time))) {}
  template <typename Some>
  GraphValue(const std::optional<Some>& some) : GraphValue(some ? GraphValue(*some) : GraphValue()) {}
  GraphValue(GraphObject object);
  GraphValue(GraphConnection connection);
  GraphValue(List list) : value(std::move(list)) {}
  GraphValue(GraphFunction function) : value(std::move(function)) {}

  std::variant<nlohmann::json, std::shared_ptr<const GraphObject>, List,
               std::shared_ptr<const GraphConnection>, GraphFunction>
      value;
};

using GraphFields = std::vector<std::pair<std::string_view, GraphValue>>;

struct GraphObject {
  std::string_view type;
  GraphFields fields;
};

/// Nodes that are read a page at a time. Each has a text that sorts as the nodes do: its cursor, which so
/// finds its place also when others have come and gone meanwhile.
struct GraphConnection {
  std::string of;  // the type of the nodes, as in the name "IssueConnection"
  std::size_t count = 0;
  std::function<GraphValue(std::size_t)> node;
  std::function<std::string(std::size_t)> key = {};  // nothing: its place
  bool is_descending = false;                        // the keys
  GraphFields more = {};                             // beside what all connections have, and instead of it
};

inline GraphValue::GraphValue(GraphObject object)
    : value(std::make_shared<const GraphObject>(std::move(object))) {}
inline GraphValue::GraphValue(GraphConnection connection)
    : value(std::make_shared<const GraphConnection>(std::move(connection))) {}

/// Evaluated where it is asked for. `make`: of anything that becomes a GraphValue.
template <typename Make>
GraphValue on_demand(Make make) {
  return GraphFunction([make = std::move(make)](const GraphField& field) -> GraphValue {
    if constexpr (std::is_invocable_v<const Make&, const GraphField&>)
      return make(field);
    else
      return make();
  });
}

/// All of a list that is at hand, in its order.
template <typename Things, typename Make>
GraphConnection connection_of(std::string of, Things things, Make make) {
  const auto all = std::make_shared<const Things>(std::move(things));
  return {.of = std::move(of), .count = all->size(), .node = [all, make](std::size_t i) -> GraphValue {
            return make((*all)[i]);
          }};
}

void append(GraphFields& fields, GraphFields more);

/// A number as a connection's key: it sorts as the number does.
std::string graph_key(std::int64_t number);

/// Whether a fragment on `condition` is for objects of that type: it is the type's name, or that of an
/// interface or a union that has it.
bool is_a(std::string_view type, std::string_view condition);

}  // namespace hubkeep::sim
