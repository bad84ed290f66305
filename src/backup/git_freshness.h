// Whether a repository needs a git request at all. Pure.
#pragma once

#include <chrono>
#include <string_view>

#include "vault/catalog.h"
#include "vault/git_part.h"

namespace hubkeep {

enum class Freshness {
  unchanged,
  listing_differs,  // pushed, renamed, made public, archived, another default branch
  incomplete,       // the last snapshot lacks something
  several_newest,   // two runs at once have left two newest snapshots
  pushed_recently,  // pushed_at is too young to be trusted
  recheck_due,      // the refs have not been compared for long
  back_again,       // was gone
  never_asked,      // nobody has looked for it so far
};

std::string_view to_string(Freshness freshness);

/// `now` is GitHub's time, as far as it is known: a check that is yet to come was none.
/// `known` is what the vault holds, `listing` what GitHub says now. A repository of which nothing is known
/// has no business here.
Freshness judge_freshness(const CatalogEntry& known, const Listing& listing, UtcTime now,
                          std::chrono::hours recheck, std::string_view part = kGitPart);

/// Whether it is time to ask again what was asked last at `asked_at`. Both times by GitHub's clock: what is
/// yet to come was not asked.
bool is_due(UtcTime asked_at, UtcTime now, std::chrono::hours interval, std::int64_t id);

/// Between half and all of the interval, the same for a repository every time, so that not all are due at
/// once.
std::chrono::seconds recheck_after(std::chrono::hours interval, std::int64_t id);

}  // namespace hubkeep
