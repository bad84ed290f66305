// Many repositories that are known by id, asked for at once: which are still there, and what they are now.
//
// GraphQL says for a hundred at a time which of them can be seen, and REST describes those. Of gists, REST
// alone is asked. "Gone" is never
// one answer: it is two of GraphQL's, a moment apart, and REST's 404 beside them, or REST's alone twice.
#pragma once

#include <span>
#include <stop_token>
#include <vector>

#include "github/github.h"
#include "github/rest_client.h"

namespace hubkeep {

/// See GitHub::repositories_by_id().
std::vector<RepositoryAnswer> ask_for_known(RestClient& client, Clock& clock,
                                            std::span<const RepositoryIdentity> known,
                                            const std::stop_token& stop);

}  // namespace hubkeep
