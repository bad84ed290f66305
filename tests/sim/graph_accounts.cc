// People and organisations, as whoever did something, and as owners.
#include <fmt/format.h>

#include <algorithm>

#include "sim/graph_nodes.h"

namespace hubkeep::sim {

using nlohmann::json;

namespace {

constexpr std::string_view kBotSuffix = "[bot]";

GraphConnection repositories_of(const std::string& login, const GraphField& field) {
  const GraphExecution& execution = field.execution;
  std::vector<Home> all;
  for (const Repository& each : execution.world().repositories()) {
    if (each.owner != login) continue;
    if (Home home = home_of(each, execution)) all.push_back(std::move(home));
  }
  std::sort(all.begin(), all.end(),
            [](const Home& a, const Home& b) { return a->repository.name < b->repository.name; });
  const json order = field.asked.arguments.value("orderBy", json::object());
  const bool is_descending = order.value("direction", "ASC") == "DESC";
  if (is_descending) std::reverse(all.begin(), all.end());
  const auto shared = std::make_shared<const std::vector<Home>>(std::move(all));
  return {.of = "Repository",
          .count = shared->size(),
          .node = [shared, &execution](std::size_t i) { return repository_value((*shared)[i], execution); },
          .key = [shared](std::size_t i) { return (*shared)[i]->repository.name; },
          .is_descending = is_descending};
}

GraphFields owner_fields(const Account& account) {
  const std::string login = account.login;
  return {
      {"createdAt", account.created_at},
      {"updatedAt", account.created_at},
      {"repositories", on_demand([login](const GraphField& field) { return repositories_of(login, field); })},
      {"projectsV2", on_demand([login](const GraphField& field) {
         return projects_among(field.execution.world().metadata().projects_of(login), field);
       })}};
}

}  // namespace

GraphValue actor_value(const std::string& login, const GraphExecution& execution) {
  if (login.empty()) return nullptr;
  const auto account = execution.world().find_account(login);
  const std::int64_t number = account ? account->id : 0;
  const bool is_bot = login.ends_with(kBotSuffix);
  const std::string name = is_bot ? login.substr(0, login.size() - kBotSuffix.size()) : login;
  const bool is_organization = account && account->type == AccountType::organization;
  GraphFields fields = {{"id", fmt::format("{}_kgDO{:08x}",
                                           is_organization ? "O"
                                           : is_bot        ? "BOT"
                                                           : "U",
                                           number)},
                        {"databaseId", number},
                        {"login", name},
                        {"name", nullptr},
                        {"avatarUrl", fmt::format("{}/u/{}", execution.scene().addresses.origin, number)}};
  append(fields, address_fields(execution.scene().addresses.origin + "/" + name, execution));
  if (account) append(fields, owner_fields(*account));
  return GraphObject{is_organization ? "Organization" : is_bot ? "Bot" : "User", std::move(fields)};
}

GraphValue team_value(const std::string& organization, const std::string& slug,
                      const GraphExecution& execution) {
  return execution.world().metadata().read_account(
      organization, [&](const AccountSettings& settings) -> GraphValue {
        const auto found = settings.teams.find(slug);
        if (found == settings.teams.end()) return nullptr;
        const Team& team = found->second;
        return GraphObject{"Team",
                           {{"id", node_id("T", team.id)},
                            {"databaseId", team.id},
                            {"slug", team.slug},
                            {"combinedSlug", organization + "/" + team.slug},
                            {"name", team.name},
                            {"description", team.description}}};
      });
}

}  // namespace hubkeep::sim
