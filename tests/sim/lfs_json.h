// LFS objects written down as JSON, for the ghsim program. What is to be added is one of
//
//   {"folder": "path"}                          each file below it, under the hash of its bytes
//   {"count": 100, "size": 10485760, "seed": 1} so many different ones, made while they are sent
//
// or a list of these; what is there is a list of {"oid", "size"}.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <vector>

#include "sim/world.h"

namespace hubkeep::sim {

/// Returns what was added. A relative folder is one of the world's root. Throws Error(invalid, not_found).
std::vector<LfsObject> add_lfs_objects(const nlohmann::json& sources, RepositoryId id, World& world);

nlohmann::json lfs_objects_json(const std::vector<LfsObject>& objects);

}  // namespace hubkeep::sim
