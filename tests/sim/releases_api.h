// Releases and their assets in the REST API. The bytes of an asset come from another host.
#pragma once

#include <optional>

#include "sim/api.h"

namespace hubkeep::sim {

/// Nothing for a path that is none of releases. Drafts are there for those who may push.
std::optional<HttpResponse> answer_releases(const ApiCall& call, const Segments& path);

nlohmann::json release_json(const Release& release, const Repository& repository, const ApiCall& call);

}  // namespace hubkeep::sim
