// GitHub's API tells neither whether a wiki exists nor when it was pushed to: each look is a git request. So
// time is cut into slots of one interval, of each repository at another moment, and a wiki is asked for by
// the first run in each slot. However often runs come, a wiki costs one request in an interval, and those of
// an account are spread over it. WikiFreshness.AsksEachWikiOnceInAnInterval.
#include "backup/wiki_backup.h"

#include <algorithm>
#include <utility>

#include "backup/git_backup.h"
#include "backup/repository_work.h"

namespace hubkeep {
namespace {

constexpr std::string_view kDotGit = ".git";

// The slot of `interval` in which `time` lies; rounded down also before the offset.
std::int64_t slot_of(UtcTime time, std::chrono::seconds interval, std::int64_t id) {
  constexpr std::uint64_t kGoldenRatio = 0x9E3779B97F4A7C15;  // Fibonacci hashing spreads consecutive ids
  const std::uint64_t hash = (static_cast<std::uint64_t>(id) * kGoldenRatio) >> 11U;
  const auto length = static_cast<std::uint64_t>(interval.count());
  const auto offset = std::chrono::seconds(static_cast<std::int64_t>(hash % length));
  return (time.time_since_epoch() + offset) / interval;
}

// The first time in its slot. Both times by GitHub's clock: what is yet to come was not asked.
bool is_first_in_slot(UtcTime asked_at, UtcTime now, std::chrono::seconds interval, std::int64_t id) {
  if (interval <= std::chrono::seconds(0) || asked_at > now + kClockTolerance) return true;
  return slot_of(asked_at, interval, id) != slot_of(now, interval, id);
}

bool is_switched_off(const Listing& listing) {
  return !listing.has_wiki.value_or(true);
}

// What failed before is no failure any more, and what was kept stays.
PartResult of_switched_off(const std::optional<PartBefore>& before) {
  PartResult result{.part = {}, .outcome = {.part = PartName(kWikiPart)}};
  if (!before || before->part.status() != PartStatus::failed) return result;
  const bool is_kept = is_git_part(before->part);
  result.part = with_status(before->part, is_kept ? PartStatus::gone : PartStatus::absent);
  result.outcome.kind = PartOutcomeKind::absent;
  return result;
}

std::string_view news_after(const std::optional<PartBefore>& before) {
  if (!before || !is_git_part(before->part)) return "new";
  return before->part.status() == PartStatus::gone ? "back again" : "changed";
}

class WikiBackup final : public PartBackup {
 public:
  explicit WikiBackup(std::chrono::seconds interval) : interval_(interval) {}

  std::string_view name() const override { return git_.name(); }

  Freshness judge(const CatalogEntry& known, const Listing& listed, const Recheck& recheck) const override {
    return judge_wiki(known, listed, recheck.now, interval_);
  }

  PartResult save(const std::optional<PartBefore>& before, const SnapshotId& snapshot,
                  RepositoryWork& work) const override {
    if (is_switched_off(work.listing())) return of_switched_off(before);
    PartResult result = git_.save(before, snapshot, work);
    const bool is_news = result.outcome.kind == PartOutcomeKind::saved && work.known() != nullptr;
    if (is_news && result.outcome.detail.empty()) result.outcome.detail = news_after(before);
    return result;
  }

  PartOutcome outcome_of(const Part& kept) const override { return git_.outcome_of(kept); }

 private:
  const std::chrono::seconds interval_;
  const GitBackup git_{PartName(kWikiPart),
                       [](const Listing& listing) { return wiki_url(listing.clone_url); }};
};

}  // namespace

Freshness judge_wiki(const CatalogEntry& known, const Listing& listed, UtcTime now,
                     std::chrono::seconds interval) {
  if (is_switched_off(listed)) return Freshness::unchanged;
  if (known.gone_since) return Freshness::back_again;
  if (known.newest.size() > 1) return Freshness::several_newest;
  if (is_switched_off(known.listing)) return Freshness::listing_differs;
  const PartStatus status =
      known.newest.empty() ? PartStatus::absent : status_of(known.newest.front().parts, kWikiPart);
  const bool is_missing = status == PartStatus::absent || status == PartStatus::gone;
  if (!is_missing && status != PartStatus::ok) return Freshness::incomplete;
  const auto asked = known.checked.find(PartName(kWikiPart));
  const auto every = is_missing ? std::max<std::chrono::seconds>(interval, kMissingWikiInterval) : interval;
  const bool is_due =
      asked == known.checked.end() || is_first_in_slot(asked->second, now, every, known.id.number());
  return is_due ? Freshness::recheck_due : Freshness::unchanged;
}

std::string wiki_url(const std::string& clone_url) {
  const std::string_view stem(clone_url);
  const bool ends_so = stem.ends_with(kDotGit);
  std::string url(ends_so ? stem.substr(0, stem.size() - kDotGit.size()) : stem);
  return url.append(kWikiSuffix).append(kDotGit);
}

std::shared_ptr<const PartBackup> wiki_backup(std::chrono::seconds interval) {
  return std::make_shared<WikiBackup>(interval);
}

}  // namespace hubkeep
