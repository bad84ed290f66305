// Nothing is fetched where the listing is as it was, but some things make that untrustworthy: a push within
// minutes of the listing, two newest snapshots, a check that lies too far back. Checks are spread over half
// of the interval by the repository's id, so that those of a large account do not all come due in one run
// (Freshness.RechecksBetweenHalfAndAllOfTheIntervalSpreadById).
#include "backup/git_freshness.h"

#include <algorithm>

namespace hubkeep {
namespace {

// pushed_at has a resolution of a second, and GitHub's replicas lag.
constexpr std::chrono::minutes kTrustedAge{5};

bool is_recent_push(const Listing& listing) {
  const auto pushed = parse_time(listing.pushed_at.value_or(""));
  return pushed && listing.listed_at - *pushed < kTrustedAge;
}

}  // namespace

std::string_view to_string(Freshness freshness) {
  switch (freshness) {
    case Freshness::unchanged:
      return "unchanged";
    case Freshness::listing_differs:
      return "the listing differs";
    case Freshness::incomplete:
      return "the last snapshot is incomplete";
    case Freshness::several_newest:
      return "two runs at once";
    case Freshness::pushed_recently:
      return "pushed recently";
    case Freshness::recheck_due:
      return "due for a check";
    case Freshness::back_again:
      return "back again";
    case Freshness::never_asked:
      return "not asked for before";
  }
  return "unknown";
}

std::chrono::seconds recheck_after(std::chrono::hours interval, std::int64_t id) {
  constexpr std::uint64_t kGoldenRatio = 0x9E3779B97F4A7C15;  // Fibonacci hashing spreads consecutive ids
  const auto hash = static_cast<std::uint64_t>(id) * kGoldenRatio;
  const double unit = static_cast<double>(hash >> 11U) * 0x1.0p-53;
  const auto whole = static_cast<double>(std::chrono::seconds(interval).count());
  return std::chrono::seconds(static_cast<std::int64_t>(whole * (0.5 + unit / 2)));
}

bool is_due(UtcTime asked_at, UtcTime now, std::chrono::hours interval, std::int64_t id) {
  const auto age = now - asked_at;
  const bool is_from_the_future = age < -kClockTolerance;  // a clock was wrong, then or now
  return is_from_the_future || age >= recheck_after(interval, id);
}

Freshness judge_freshness(const CatalogEntry& known, const Listing& listing, UtcTime now,
                          std::chrono::hours recheck, std::string_view part) {
  if (known.gone_since) return Freshness::back_again;
  if (known.newest.size() > 1) return Freshness::several_newest;
  if (known.newest.empty() || status_of(known.newest.front().parts, part) != PartStatus::ok)
    return Freshness::incomplete;
  if (git_may_have_moved(known.listing, listing)) return Freshness::listing_differs;
  if (is_recent_push(known.listing)) return Freshness::pushed_recently;
  if (is_due(known.refs_checked_at, now, recheck, known.id.spread())) return Freshness::recheck_due;
  return Freshness::unchanged;
}

}  // namespace hubkeep
