// GitHub's JSON for users and repositories, read into hubkeep's values.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "github/api.h"
#include "github/github.h"

namespace hubkeep {

/// Throws Error(corrupt) naming the field when id, name, full_name, owner.login or clone_url is missing or of
/// another type, and where full_name is not owner and name; of the rest, null and missing mean empty.
Repository parse_repository(const nlohmann::json& json, UtcTime listed_at);

/// Throws Error(corrupt) as above for id, which must be hexadecimal, and git_pull_url. It belongs to
/// "anonymous" where it has no owner.
Repository parse_gist(const nlohmann::json& json, UtcTime listed_at);

/// Throws Error(corrupt) as above for id and login.
User parse_user(const nlohmann::json& json);

/// The same of an answer that describes one.
Repository read_repository(const ApiAnswer& answer);
Repository read_gist(const ApiAnswer& answer);
User read_user(const ApiAnswer& answer);

}  // namespace hubkeep
