// Gists and their comments in the REST API.
#pragma once

#include <optional>

#include "sim/api.h"

namespace hubkeep::sim {

/// A classic token without the scope "gist" is shown what everybody is; an App's own token is refused at
/// every endpoint of gists; of a fine-grained token the World says it (Token::gists), since GitHub's
/// documents do not.
GistAccess gist_access_of(const std::optional<Token>& viewer);

/// Nothing for a path that is none of gists.
std::optional<HttpResponse> answer_gists(const ApiCall& call, const Segments& path);

}  // namespace hubkeep::sim
