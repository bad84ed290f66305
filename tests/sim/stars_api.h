// Starred repositories in the REST API.
#pragma once

#include <optional>

#include "sim/api.h"

namespace hubkeep::sim {

/// GET /user/starred, /users/{login}/starred and what their links lead to; nothing for another path. With the
/// media type "application/vnd.github.star+json" each stands beside the time of its star.
std::optional<HttpResponse> answer_stars(const ApiCall& call, const Segments& path);

}  // namespace hubkeep::sim
