#include "sim/lfs_json.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "base/error.h"

namespace hubkeep::sim {

using nlohmann::json;

namespace {

void add_folder(const std::filesystem::path& folder, RepositoryId id, World& world,
                std::vector<LfsObject>& added) {
  if (!std::filesystem::is_directory(folder))
    throw Error(ErrorKind::not_found, "Not a folder: " + folder.string());
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (entry.is_regular_file()) added.push_back(world.add_lfs_object(id, content_of_file(entry.path())));
  }
}

void add_generated(const json& source, RepositoryId id, World& world, std::vector<LfsObject>& added) {
  const int count = source.value("count", 1);
  const std::uint64_t size = source.at("size");
  const unsigned seed = source.value("seed", 1U);
  for (int number = 0; number < count; ++number) {
    const std::string pattern = fmt::format("object {:08} of seed {:08}\n", number, seed);
    added.push_back(world.add_lfs_object(id, repeating_content(pattern, size)));
  }
}

}  // namespace

std::vector<LfsObject> add_lfs_objects(const json& sources, RepositoryId id, World& world) {
  std::vector<LfsObject> added;
  try {
    for (const json& source : sources.is_array() ? sources : json::array({sources})) {
      if (source.contains("folder")) {
        add_folder(world.root() / source["folder"].get<std::string>(), id, world, added);
      } else {
        add_generated(source, id, world, added);
      }
    }
  } catch (const json::exception& error) {
    throw Error(ErrorKind::invalid, error.what());
  }
  return added;
}

json lfs_objects_json(const std::vector<LfsObject>& objects) {
  json out = json::array();
  for (const LfsObject& object : objects) out.push_back({{"oid", object.oid}, {"size", object.size}});
  return out;
}

}  // namespace hubkeep::sim
