// The REST API: one function from a request to its answer. Limits, faults and the log are the Simulator's
// business.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>

#include "sim/api_json.h"
#include "sim/http_message.h"
#include "sim/world.h"

namespace hubkeep::sim {

/// Who asks, as the Authorization header says.
struct Caller {
  bool token_present = false;
  std::string scheme;          // as sent
  std::optional<Token> token;  // when it is valid
};

/// Reads "Bearer T", "token T", and "Basic …" whose password (or user, when there is none) is the token.
Caller identify(const World& world, const Headers& headers);

/// `path`: what follows "/api/v3". Answers 404 where this API has nothing.
HttpResponse answer_api(World& world, const ApiAddresses& addresses, const HttpRequest& request,
                        const std::string& path, const Caller& caller);

HttpResponse json_response(int status, const nlohmann::json& body);
HttpResponse api_error(int status, const std::string& message);

/// GitHub's entity tags: W/"sha256(Accept:Authorization:[Cookie:]body)", so one token's tag is no other's.
std::string entity_tag(const Headers& request_headers, const std::string& body);

}  // namespace hubkeep::sim
