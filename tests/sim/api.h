// The REST API: one function from a request to its answer. Limits, faults and the log are the Simulator's
// business.
#pragma once

#include <cstdint>
#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

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

/// One request on its way through the routes.
struct ApiCall {
  const World& world;
  const ApiAddresses& addresses;
  const HttpRequest& request;
  const Caller& caller;
};

/// Of a path, without its first slash.
using Segments = std::vector<std::string_view>;

/// The repository that "/repos/{owner}/{name}/…" or "/repositories/{id}/…" is about, as far as the caller may
/// see it, or the answer in its place: 404, blocked, or where a name of before leads.
std::variant<Repository, HttpResponse> reach_repository(const ApiCall& call, const Segments& path);
/// What follows the repository in such a path: {"releases"} of "/repos/{owner}/{name}/releases".
Segments below_repository(const Segments& path);

/// A list's page, of which `item` makes one after the other, with its Link header; `url` is where that leads.
HttpResponse list_response(const ApiCall& call, std::size_t count, const std::string& url,
                           const std::function<nlohmann::json(std::size_t)>& item);

/// 0 for what is no number.
std::int64_t number_or_zero(std::string_view text);

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
