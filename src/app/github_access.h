// With which token GitHub is asked: what the settings give, or what the GitHub App that they name gets.
#pragma once

#include <memory>
#include <string_view>

#include "app/settings.h"
#include "base/retry.h"
#include "github/token_scope.h"
#include "github/token_source.h"
#include "http/http_client.h"

namespace hubkeep {

/// The names that --api-alias gives. Throws Error(invalid) for what is no host.
ApiAliases api_aliases(const Settings& settings);

/// Asks GitHub for nothing yet. Keeps references to `http` and `clock`.
std::shared_ptr<TokenSource> token_source_of(const Settings& settings, HttpClient& http, Clock& clock,
                                             const GitHubObserver& observer, const RetryPolicy& retries);

/// Whether the token's origin is GITHUB_TOKEN or GH_TOKEN, which other programs set.
bool is_set_by_other_programs(std::string_view origin);

/// Throws Error(invalid) for an App without its key or a key without its App, a key that is none, and an App
/// beside a token; a token that other programs set is left aside then.
void settle_github_access(Settings& settings);

}  // namespace hubkeep
