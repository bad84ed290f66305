#include "sim/graphql.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "sim/graph_nodes.h"
#include "sim/graphql_execution.h"
#include "sim/graphql_scopes.h"

namespace hubkeep::sim {

using nlohmann::json;
using nlohmann::ordered_json;

namespace {

HttpResponse answer_with(const ordered_json& body) {
  HttpResponse response = json_response(200, nullptr);
  response.body = body.dump();
  return response;
}

HttpResponse refused_with(const json& errors) {
  return answer_with({{"errors", errors}});
}

/// "500,000"
std::string with_commas(std::int64_t number) {
  std::string out = std::to_string(number);
  for (std::size_t end = out.size(); end > 3; end -= 3) out.insert(end - 3, ",");
  return out;
}

json too_many_nodes(const GraphCost& cost, const GraphQlLimits& limits) {
  return graph_error(
      "MAX_NODE_LIMIT_EXCEEDED",
      fmt::format("This query requests up to {} possible nodes which exceeds the maximum limit of {}.",
                  with_commas(cost.nodes), with_commas(limits.nodes)));
}

}  // namespace

void GraphQlServer::set_limits(GraphQlLimits limits) {
  std::lock_guard lock(mutex_);
  limits_ = limits;
}

GraphQlAnswer GraphQlServer::answer(const HttpRequest& request, const ApiAddresses& addresses,
                                    const Caller& caller, const RateLimitState& limit) {
  if (!caller.token)
    return {api_error(
        401, caller.token_present ? "Bad credentials" : "This endpoint requires you to be authenticated.")};
  const json asked = json::parse(request.body, nullptr, false);
  if (!asked.is_object()) return {api_error(400, "Problems parsing JSON")};
  std::lock_guard lock(mutex_);
  try {
    const json name = asked.value("operationName", json());
    const auto query =
        parse_query_document(asked.value("query", ""), asked.value("variables", json::object()),
                             name.is_string() ? name.get<std::string>() : "");
    const GraphCost cost = cost_of(query);
    if (cost.nodes > limits_.nodes) return {refused_with(json::array({too_many_nodes(cost, limits_)}))};
    if (json lacking = scopes_lacking(query, *caller.token); !lacking.empty()) return {refused_with(lacking)};
    GraphExecution execution({world_, caller, addresses, limits_.pull_requests, cost, limit, orders_});
    ordered_json answer = world_.metadata().read(RepositoryId{}, [&](const RepositoryMetadata&) {
      return ordered_json{{"data", execution.select(query, query_root())}};
    });
    if (!execution.errors().empty()) answer["errors"] = execution.errors();
    return {answer_with(answer), cost.points()};
  } catch (const GraphRefusal& refusal) {
    return {refused_with(refusal.errors)};
  } catch (const Error& error) {
    return {refused_with(json::array({{{"message", error.message()}}}))};
  }
}

HttpResponse graphql_rate_limit() {
  return refused_with(
      json::array({graph_error("RATE_LIMITED", "API rate limit exceeded for user ID 1001.")}));
}

std::string graphql_operation(const std::string& body) {
  const json asked = json::parse(body, nullptr, false);
  if (!asked.is_object()) return "";
  const json name = asked.value("operationName", json());
  return name.is_string() ? name.get<std::string>() : operation_name_in(asked.value("query", ""));
}

}  // namespace hubkeep::sim
