// One question about many repositories that tells in which of them releases, issues, discussions may have
// changed: nothing of the listing does.
#pragma once

#include <set>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>

#include "github/api.h"
#include "github/github.h"

namespace hubkeep {

/// What the answer about releases is called, which stands in Repository::releases; all others are in
/// Repository::probe.
constexpr std::string_view kReleasesProbe = "releases";
/// What the probe says of a repository without releases.
constexpr std::string_view kNoReleases = "0";

/// Asks GraphQL, a hundred repositories a query, and writes what it says of `names` into their `releases` and
/// `probe` ("issues", "pull_requests", "discussions", "milestones", "labels", "commit_comments"); where it
/// says nothing, they stay empty. A name of something else stands there as "kept". Throws Error as
/// GitHubApi::graphql() does; then some may have been asked.
void probe(GitHubApi& api, std::span<Repository> repositories, const std::set<std::string>& names,
           const std::stop_token& stop);

}  // namespace hubkeep
