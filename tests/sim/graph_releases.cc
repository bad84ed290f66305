#include <fmt/format.h>

#include <algorithm>

#include "sim/graph_nodes.h"

namespace hubkeep::sim {

using nlohmann::json;

namespace {

GraphObject release_object(const Release& release) {
  return {"Release",
          {{"id", fmt::format("RE_kwDO{:08x}", release.id)},
           {"databaseId", release.id},
           {"tagName", release.tag},
           {"name", release.name},
           {"description", release.body},
           {"isDraft", release.draft},
           {"isPrerelease", release.prerelease},
           {"createdAt", release.created_at},
           {"publishedAt", release.published_at},
           {"updatedAt", release.updated_at}}};
}

}  // namespace

/// Newest first unless the argument orderBy says else.
GraphConnection releases_of(const Repository& repository, const GraphField& field) {
  const World& world = field.execution.world();
  std::vector<Release> all = world.releases_of(repository.id);
  if (!world.can_write(field.execution.token(), repository))
    std::erase_if(all, [](const Release& release) { return release.draft; });
  const json order = field.asked.arguments.value("orderBy", json::object());
  if (order.value("field", "CREATED_AT") == "NAME")
    std::sort(all.begin(), all.end(), [](const Release& a, const Release& b) {
      return std::tie(b.name, b.id) < std::tie(a.name, a.id);
    });
  if (order.value("direction", "DESC") == "ASC") std::reverse(all.begin(), all.end());
  return connection_of("Release", std::move(all), release_object);
}

}  // namespace hubkeep::sim
