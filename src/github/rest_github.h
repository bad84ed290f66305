// GitHub by its REST API.
#pragma once

#include <memory>

#include "github/github.h"
#include "github/rest_client.h"

namespace hubkeep {

/// Keeps references to `http` and `clock`.
std::unique_ptr<GitHub> make_rest_github(HttpClient& http, Clock& clock, RestGitHubOptions options);

}  // namespace hubkeep
