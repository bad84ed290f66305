// REST endpoints of issues, pull requests and what hangs on them, with GitHub's limits of how far a list can
// be paged: issues by a cursor beyond 10,000, comments and events up to 40,000.
#pragma once

#include <optional>

#include "sim/api.h"

namespace hubkeep::sim {

/// Nothing when the path is of something else.
std::optional<HttpResponse> answer_issues(const ApiCall& call, const Segments& path);
std::optional<HttpResponse> answer_pulls(const ApiCall& call, const Segments& path);

}  // namespace hubkeep::sim
