// A query is executed over the World: a function for each type that knows its fields. What it costs is the
// number of connections that GitHub would have to fetch, by its published formula.
#include "sim/graphql.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/text.h"
#include "sim/graphql_query.h"

namespace hubkeep::sim {

using nlohmann::json;

namespace {

constexpr std::size_t kMostNodes = 100;
constexpr int kFetchesPerPoint = 100;  // GitHub: "Rate limits and query limits for the GraphQL API"

/// Thrown: the whole query is refused with that error.
struct Refusal {
  json error;
};

/// One query under way.
struct Execution {
  const World& world;
  const Caller& caller;
  json errors = json::array();
  int connections = 1;  // fetched so far; the query itself is the first
  int nodes = 0;

  /// GitHub's formula: a hundred of them are a point.
  int cost() const { return std::max(1, (connections + kFetchesPerPoint / 2) / kFetchesPerPoint); }
};

HttpResponse errors_only(json error) {
  return json_response(200, {{"errors", json::array({std::move(error)})}});
}

std::optional<Repository> find_node(const World& world, const std::string& node_id) {
  for (Repository& repository : world.repositories()) {
    if (repository.node_id == node_id) return std::move(repository);
  }
  return std::nullopt;
}

json not_found(const std::string& node_id, std::size_t place) {
  return {{"type", "NOT_FOUND"},
          {"path", {"nodes", place}},
          {"locations", json::array({{{"line", 1}, {"column", 24}}})},
          {"message", fmt::format("Could not resolve to a node with the global id of '{}'", node_id)}};
}

json time_or_null(const std::optional<UtcTime>& time) {
  return time ? json(format_time(*time)) : json(nullptr);
}

json text_or_null(const std::optional<std::string>& text) {
  return text ? json(*text) : json(nullptr);
}

/// An object of the selected fields; `value` gives each, nothing for one that the type does not have.
template <typename Value>
json select(const std::vector<Selection>& selections, const std::string& type, const Value& value) {
  json out = json::object();
  for (const Selection& each : selections) {
    if (each.name.empty()) {
      if (each.on_type == type) out.update(select(each.selections, type, value));
      continue;
    }
    std::optional<json> field = each.name == "__typename" ? json(type) : value(each);
    if (!field)
      throw Refusal{
          {{"message", fmt::format("Field '{}' doesn't exist on type '{}'", each.name, type)},
           {"path", {"query", each.key}},
           {"extensions", {{"code", "undefinedField"}, {"typeName", type}, {"fieldName", each.name}}}}};
    out[each.key] = *std::move(field);
  }
  return out;
}

json release_node(const Release& release, const std::vector<Selection>& selections) {
  const std::map<std::string, json> fields = {{"id", fmt::format("RE_kwDO{:08x}", release.id)},
                                              {"databaseId", release.id},
                                              {"tagName", release.tag},
                                              {"name", text_or_null(release.name)},
                                              {"isDraft", release.draft},
                                              {"isPrerelease", release.prerelease},
                                              {"createdAt", format_time(release.created_at)},
                                              {"publishedAt", time_or_null(release.published_at)},
                                              {"updatedAt", format_time(release.updated_at)}};
  return select(selections, "Release", [&](const Selection& field) {
    const auto found = fields.find(field.name);
    return found == fields.end() ? std::nullopt : std::optional(found->second);
  });
}

std::size_t first_of(const Selection& connection) {
  const json first = connection.arguments.value("first", json());
  if (!first.is_number_unsigned())
    throw Refusal{
        {{"type", "MISSING_PAGINATION_BOUNDARIES"},
         {"message", fmt::format("You must provide a `first` or `last` value to properly paginate the "
                                 "`{}` connection.",
                                 connection.name)}}};
  const auto count = first.get<std::size_t>();
  if (count > kMostNodes)
    throw Refusal{{{"type", "EXCESSIVE_PAGINATION"},
                   {"message", fmt::format("Requesting {} records on the `{}` connection exceeds the `first` "
                                           "limit of 100 records.",
                                           count, connection.name)}}};
  return count;
}

/// Newest first unless the argument orderBy says else.
json releases_of(const Repository& repository, const Selection& connection, Execution& execution) {
  std::vector<Release> all = execution.world.releases_of(repository.id);
  if (!execution.world.can_write(execution.caller.token, repository))
    std::erase_if(all, [](const Release& release) { return release.draft; });
  const json order = connection.arguments.value("orderBy", json::object());
  if (order.value("field", "CREATED_AT") == "NAME")
    std::stable_sort(all.begin(), all.end(),
                     [](const Release& a, const Release& b) { return b.name < a.name; });
  if (order.value("direction", "DESC") == "ASC") std::reverse(all.begin(), all.end());
  ++execution.connections;
  return select(connection.selections, "ReleaseConnection",
                [&](const Selection& field) -> std::optional<json> {
                  if (field.name == "totalCount") return all.size();
                  if (field.name != "nodes") return std::nullopt;
                  json nodes = json::array();
                  for (std::size_t i = 0; i < std::min(first_of(connection), all.size()); ++i)
                    nodes.push_back(release_node(all[i], field.selections));
                  execution.nodes += static_cast<int>(nodes.size());
                  return nodes;
                });
}

json repository_node(const Repository& repository, const std::vector<Selection>& selections,
                     Execution& execution) {
  const std::map<std::string, json> fields = {{"id", repository.node_id},
                                              {"databaseId", repository.id},
                                              {"name", repository.name},
                                              {"nameWithOwner", repository.full_name()},
                                              {"isPrivate", repository.is_private},
                                              {"isArchived", repository.archived},
                                              {"isDisabled", repository.disabled},
                                              {"isFork", repository.fork},
                                              {"hasWikiEnabled", repository.has_wiki},
                                              {"createdAt", format_time(repository.created_at)},
                                              {"updatedAt", format_time(repository.updated_at)},
                                              {"pushedAt", time_or_null(repository.pushed_at)}};
  return select(selections, "Repository", [&](const Selection& field) -> std::optional<json> {
    if (field.name == "releases") return releases_of(repository, field, execution);
    const auto found = fields.find(field.name);
    return found == fields.end() ? std::nullopt : std::optional(found->second);
  });
}

json nodes_of(const Selection& asked, Execution& execution) {
  const json ids = asked.arguments.value("ids", json::array());
  if (ids.size() > kMostNodes)
    throw Refusal{{{"type", "ARGUMENT_LIMIT"},
                   {"message", fmt::format("You may not provide more than 100 node ids; you provided {}.",
                                           ids.size())}}};
  json nodes = json::array();
  for (const json& id : ids) {
    const auto repository = find_node(execution.world, id);
    if (repository && execution.world.can_read(execution.caller.token, *repository)) {
      nodes.push_back(repository_node(*repository, asked.selections, execution));
      ++execution.nodes;
    } else {
      execution.errors.push_back(not_found(id, nodes.size()));
      nodes.push_back(nullptr);
    }
  }
  return nodes;
}

/// rateLimit stands last in the query where it is to count what stands before it.
json execute(const std::vector<Selection>& query, Execution& execution) {
  return select(query, "Query", [&](const Selection& field) -> std::optional<json> {
    if (field.name == "nodes") return nodes_of(field, execution);
    if (field.name != "rateLimit") return std::nullopt;
    return select(field.selections, "RateLimit", [&](const Selection& each) -> std::optional<json> {
      if (each.name == "cost") return execution.cost();
      if (each.name == "nodeCount") return execution.nodes;
      return std::nullopt;
    });
  });
}

}  // namespace

GraphQlAnswer answer_graphql(const World& world, const HttpRequest& request, const Caller& caller) {
  if (!caller.token)
    return {api_error(
        401, caller.token_present ? "Bad credentials" : "This endpoint requires you to be authenticated.")};
  const json asked = json::parse(request.body, nullptr, false);
  if (!asked.is_object()) return {api_error(400, "Problems parsing JSON")};
  Execution execution{world, caller};
  try {
    const json variables = asked.value("variables", json::object());
    json answer = {{"data", execute(parse_query_document(asked.value("query", ""), variables), execution)}};
    if (!execution.errors.empty()) answer["errors"] = std::move(execution.errors);
    return {json_response(200, answer), execution.cost()};
  } catch (const Refusal& refusal) {
    return {errors_only(refusal.error)};
  } catch (const Error& error) {
    return {errors_only({{"message", error.message()}})};
  }
}

HttpResponse graphql_rate_limit() {
  return errors_only({{"type", "RATE_LIMITED"}, {"message", "API rate limit exceeded for user ID 1001."}});
}

}  // namespace hubkeep::sim
