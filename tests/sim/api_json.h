// The JSON objects of GitHub's REST API, complete enough for its published schema.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "sim/world.h"

namespace hubkeep::sim {

/// Where the links inside the objects lead.
struct ApiAddresses {
  std::string origin;  // "http://127.0.0.1:8080"
  std::string api;     // origin + "/api/v3"
};

enum class RepositoryDetail { listed, full };

nlohmann::json simple_user_json(const Account& account, const ApiAddresses& addresses);
nlohmann::json public_user_json(const Account& account, const World& world, const ApiAddresses& addresses);
/// The signed-in user's view of themselves.
nlohmann::json private_user_json(const Account& account, const World& world, const ApiAddresses& addresses);
nlohmann::json organization_json(const Account& account, const World& world, const ApiAddresses& addresses);
nlohmann::json repository_json(const Repository& repository, const std::optional<Token>& viewer,
                               const World& world, const ApiAddresses& addresses, RepositoryDetail detail);
/// {"message", "documentation_url", "status"}
nlohmann::json error_json(int status, const std::string& message);

}  // namespace hubkeep::sim
