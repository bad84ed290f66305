#include "sim/graphql.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

namespace hubkeep::sim {

using nlohmann::json;

namespace {

constexpr std::size_t kMostNodes = 100;

constexpr const char* kNodesQuery =
    "query($ids: [ID!]!) { nodes(ids: $ids) { __typename id ... on Repository { databaseId nameWithOwner } } "
    "}";

HttpResponse errors_only(json error) {
  return json_response(200, {{"errors", json::array({std::move(error)})}});
}

std::optional<Repository> find_node(const World& world, const std::string& node_id) {
  for (Repository& repository : world.repositories()) {
    if (repository.node_id == node_id) return std::move(repository);
  }
  return std::nullopt;
}

json node_json(const Repository& repository) {
  return {{"__typename", "Repository"},
          {"id", repository.node_id},
          {"databaseId", repository.id},
          {"nameWithOwner", repository.full_name()}};
}

json not_found(const std::string& node_id, std::size_t place) {
  return {{"type", "NOT_FOUND"},
          {"path", {"nodes", place}},
          {"locations", json::array({{{"line", 1}, {"column", 24}}})},
          {"message", fmt::format("Could not resolve to a node with the global id of '{}'", node_id)}};
}

}  // namespace

HttpResponse answer_graphql(const World& world, const HttpRequest& request, const Caller& caller) {
  if (!caller.token)
    return api_error(
        401, caller.token_present ? "Bad credentials" : "This endpoint requires you to be authenticated.");
  const json asked = json::parse(request.body, nullptr, false);
  if (!asked.is_object()) return api_error(400, "Problems parsing JSON");
  if (asked.value("query", "") != kNodesQuery)
    return errors_only({{"message", "A query must be known here"}});
  const json ids = asked.value("variables", json::object()).value("ids", json::array());
  if (ids.size() > kMostNodes) {
    return errors_only(
        {{"type", "ARGUMENT_LIMIT"},
         {"message",
          fmt::format("You may not provide more than 100 node ids; you provided {}.", ids.size())}});
  }
  json nodes = json::array();
  json errors = json::array();
  for (const json& id : ids) {
    const auto repository = find_node(world, id);
    if (repository && world.can_read(caller.token, *repository)) {
      nodes.push_back(node_json(*repository));
    } else {
      errors.push_back(not_found(id, nodes.size()));
      nodes.push_back(nullptr);
    }
  }
  json answer = {{"data", {{"nodes", std::move(nodes)}}}};
  if (!errors.empty()) answer["errors"] = std::move(errors);
  return json_response(200, answer);
}

HttpResponse graphql_rate_limit() {
  return errors_only({{"type", "RATE_LIMITED"}, {"message", "API rate limit exceeded for user ID 1001."}});
}

}  // namespace hubkeep::sim
