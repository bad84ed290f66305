// Many repositories that are known by id, asked for at once: which are still there, and what they are now.
//
// GraphQL says for a hundred at a time which of them can be seen, and REST describes those. "Gone" is never
// one answer: it is two of GraphQL's, a moment apart, and REST's 404 beside them, or REST's alone twice.
#pragma once

#include <optional>
#include <span>
#include <stop_token>
#include <vector>

#include "github/github.h"
#include "github/rest_client.h"

namespace hubkeep {

/// Where GitHub's GraphQL API is that belongs to a REST API: https://api.github.com/graphql,
/// https://api.SUB.ghe.com/graphql, https://HOST/api/graphql beside https://HOST/api/v3. Nothing for other
/// addresses.
std::optional<Url> graphql_url(const Url& api);

/// See GitHub::repositories_by_id().
std::vector<RepositoryAnswer> ask_for_known(RestClient& client, Clock& clock,
                                            std::span<const RepositoryIdentity> known,
                                            const std::stop_token& stop);

}  // namespace hubkeep
