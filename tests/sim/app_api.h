// What of the REST API is for GitHub Apps: with the App's own token its installations and their tokens, and
// with one of those the repositories.
#pragma once

#include "sim/api.h"

namespace hubkeep::sim {

/// Nothing for a path that is none of these.
std::optional<HttpResponse> answer_app_api(World& world, const ApiAddresses& addresses,
                                           const HttpRequest& request, const std::string& path,
                                           const Caller& caller);

}  // namespace hubkeep::sim
