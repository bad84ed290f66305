// REST endpoints of what administrators set: of repositories, and of accounts with their teams and people.
#pragma once

#include <optional>

#include "sim/api.h"
#include "sim/settings.h"

namespace hubkeep::sim {

/// Nothing when the path is of something else.
std::optional<HttpResponse> answer_settings(const ApiCall& call, const Segments& path);
std::optional<HttpResponse> answer_accounts(const ApiCall& call, const Segments& path);

/// `permission`: what the team may do with the repository that is asked about.
nlohmann::json team_json(const Team& team, const std::string& permission, const std::string& organization,
                         const ApiCall& call);
/// The object with "{api}" in its texts replaced.
nlohmann::json with_address(nlohmann::json object, const std::string& address);

}  // namespace hubkeep::sim
