// What a query may begin with: nodes by their ids, a repository by its name, accounts, what is left to ask.
#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "sim/graph_nodes.h"

namespace hubkeep::sim {

using nlohmann::json;

namespace {

constexpr std::size_t kMostNodes = 100;

Home repository_node(const std::string& id, const GraphExecution& execution) {
  for (const Repository& each : execution.world().repositories()) {
    if (each.node_id == id) return home_of(each, execution);
  }
  return nullptr;
}

/// What hangs on a repository, by the prefix of its node id.
GraphValue thing_at(const NodePlace& place, const Home& home, const GraphExecution& execution) {
  const std::string& kind = place.prefix;
  if (kind == "I" || kind == "PR") return item_value(home, place.number, execution);
  if (kind == "IC") return comment_value(home, place.id, execution);
  if (kind == "PRRC") return review_comment_value(home, place.id, execution);
  if (kind == "PRR") return review_value(home, place.number, place.id, execution);
  if (kind == "PRRT") return thread_value(home, place.number, place.id, execution);
  if (kind == "CC") return commit_comment_value(home, place.id, execution);
  if (kind == "LA") return label_value(home, place.id);
  if (kind == "D") return discussion_value(home, place.number, execution);
  if (kind == "DC") return discussion_comment_value(home, place.number, place.id, execution);
  for (const auto& [number, milestone] : home->metadata.milestones) {
    if (kind == "MI" && milestone.id == place.id) return milestone_value(home, number, execution);
  }
  return nullptr;
}

GraphValue node_value(const std::string& id, const GraphExecution& execution) {
  if (id.starts_with("R_")) return repository_value(repository_node(id, execution), execution);
  const auto place = execution.world().metadata().find_node(id);
  if (!place) return nullptr;
  if (place->prefix == "PVT") return project_value(place->id, execution);
  const Home home = home_of(place->repository, execution);
  return home ? thing_at(*place, home, execution) : GraphValue();
}

bool is_null(const GraphValue& value) {
  const auto* scalar = std::get_if<json>(&value.value);
  return scalar != nullptr && scalar->is_null();
}

/// The node, or null with GitHub's error.
GraphValue node_or_error(const std::string& id, const GraphField& field) {
  GraphValue node = node_value(id, field.execution);
  if (!is_null(node)) return node;
  return field.execution.refuse(
      field.asked,
      graph_error("NOT_FOUND", fmt::format("Could not resolve to a node with the global id of '{}'", id)));
}

GraphValue nodes(const GraphField& field) {
  const json ids = field.asked.arguments.value("ids", json::array());
  if (ids.size() > kMostNodes)
    throw GraphRefusal{json::array({graph_error(
        "ARGUMENT_LIMIT",
        fmt::format("You may not provide more than 100 node ids; you provided {}.", ids.size()))})};
  GraphValue::List out;
  for (const std::string id : ids) {
    // Errors have the place in the list as their path, so they are for when the list is written.
    GraphValue node = node_value(id, field.execution);
    out.push_back(!is_null(node) ? std::move(node) : on_demand([id](const GraphField& each) {
      return node_or_error(id, each);
    }));
  }
  return out;
}

GraphValue repository(const GraphField& field) {
  const std::string owner = field.asked.arguments.value("owner", "");
  const std::string name = field.asked.arguments.value("name", "");
  auto found = field.execution.world().find_repository(owner, name);
  const std::string asked = owner + "/" + name;
  if (found && !field.asked.arguments.value("followRenames", true) &&
      !equals_ignoring_case(found->full_name(), asked))
    found.reset();
  GraphValue out = repository_value(home_of(found, field.execution), field.execution);
  if (!is_null(out)) return out;
  return field.execution.refuse(
      field.asked,
      graph_error("NOT_FOUND", fmt::format("Could not resolve to a Repository with the name '{}'.", asked)));
}

GraphValue owner(const GraphField& field, std::string_view type) {
  const std::string login = field.asked.arguments.value("login", "");
  const auto account = field.execution.world().find_account(login);
  const bool is_there = account && (type.empty() || (account->type == AccountType::user) == (type == "User"));
  if (is_there) return actor_value(account->login, field.execution);
  return field.execution.refuse(
      field.asked,
      graph_error("NOT_FOUND", fmt::format("Could not resolve to {} with the login of '{}'.",
                                           type == "Organization" ? "an Organization" : "a User", login)));
}

GraphObject rate_limit(const GraphField& field) {
  const auto& [limit, cost] = std::tie(field.execution.scene().limit, field.execution.scene().cost);
  const int remaining = std::max(0, limit.remaining - cost.points());
  return {"RateLimit",
          {{"cost", cost.points()},
           {"nodeCount", cost.nodes},
           {"limit", limit.limit},
           {"remaining", remaining},
           {"used", limit.limit - remaining},
           {"resetAt", limit.reset}}};
}

}  // namespace

GraphObject query_root() {
  return {"Query",
          {{"node", on_demand([](const GraphField& field) {
              return node_or_error(field.asked.arguments.value("id", ""), field);
            })},
           {"nodes", on_demand(nodes)},
           {"repository", on_demand(repository)},
           {"repositoryOwner", on_demand([](const GraphField& field) { return owner(field, ""); })},
           {"user", on_demand([](const GraphField& field) { return owner(field, "User"); })},
           {"organization", on_demand([](const GraphField& field) { return owner(field, "Organization"); })},
           {"viewer", on_demand([](const GraphField& field) {
              return actor_value(field.execution.token()->login, field.execution);
            })},
           {"rateLimit", on_demand(rate_limit)}}};
}

}  // namespace hubkeep::sim
