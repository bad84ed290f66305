// The wiki beside a history: when it is asked for, and what becomes of one that comes, goes and comes back.
#include "backup/wiki_backup.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <random>

#include "backup/backup_fakes.h"
#include "backup/backup_repository.h"

namespace hubkeep {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr std::chrono::days kDay{1};
constexpr std::chrono::days kWeek{7};
const UtcTime kNow = *parse_time("2026-11-23T12:00:00Z");

enum class Kept { nothing, wiki };

CatalogEntry entry_with(Kept kept, std::int64_t id = 42) {
  CatalogEntry entry{.host = "github.com", .id = id, .refs_checked_at = kNow};
  entry.newest = {
      {*SnapshotId::parse("20261123T120000Z-00000a"), std::string(64, 'a'), {{"git", PartStatus::ok}}}};
  if (kept == Kept::wiki) entry.newest.front().parts["wiki"] = PartStatus::ok;
  entry.checked["wiki"] = kNow;
  entry.listing.has_wiki = true;
  return entry;
}

TEST(WikiFreshness, FollowsFromWhatIsKnown) {
  struct Case {
    const char* what;
    Kept kept;
    std::function<void(CatalogEntry& known, Listing& listed)> change;
    Freshness expected;
  };
  const auto with_status = [](const PartStatus& status) {
    return [status](CatalogEntry& known, Listing&) { known.newest.front().parts["wiki"] = status; };
  };
  const std::vector<Case> cases = {
      {"just asked", Kept::wiki, [](auto&, auto&) {}, Freshness::unchanged},
      {"just asked, none", Kept::nothing, [](auto&, auto&) {}, Freshness::unchanged},
      {"a push", Kept::wiki, [](auto&, Listing& listed) { listed.pushed_at = "2026-11-23T11:59:59Z"; },
       Freshness::unchanged},
      {"never asked", Kept::nothing, [](CatalogEntry& known, auto&) { known.checked.clear(); },
       Freshness::recheck_due},
      {"never asked, kept", Kept::wiki, [](CatalogEntry& known, auto&) { known.checked.clear(); },
       Freshness::recheck_due},
      {"asked in the future", Kept::wiki,
       [](CatalogEntry& known, auto&) { known.checked["wiki"] = kNow + 1h; }, Freshness::recheck_due},
      {"asked two days ago", Kept::wiki,
       [](CatalogEntry& known, auto&) { known.checked["wiki"] = kNow - 48h; }, Freshness::recheck_due},
      {"asked eight days ago, gone", Kept::nothing,
       [](CatalogEntry& known, auto&) {
         known.newest.front().parts["wiki"] = PartStatus::gone;
         known.checked["wiki"] = kNow - 8 * 24h;
       },
       Freshness::recheck_due},
      {"gone", Kept::nothing, with_status(PartStatus::gone), Freshness::unchanged},
      {"partial", Kept::nothing, with_status(PartStatus::partial), Freshness::incomplete},
      {"failed", Kept::nothing, with_status(PartStatus::failed), Freshness::incomplete},
      {"switched off", Kept::wiki,
       [](CatalogEntry& known, Listing& listed) {
         known.checked.clear();
         listed.has_wiki = false;
       },
       Freshness::unchanged},
      {"switched on", Kept::nothing, [](CatalogEntry& known, auto&) { known.listing.has_wiki = false; },
       Freshness::listing_differs},
      {"not known whether on", Kept::wiki,
       [](CatalogEntry& known, Listing& listed) {
         known.checked.clear();
         listed.has_wiki.reset();
       },
       Freshness::recheck_due},
      {"back again", Kept::wiki, [](CatalogEntry& known, auto&) { known.gone_since = kNow; },
       Freshness::back_again},
      {"two runs at once", Kept::wiki,
       [](CatalogEntry& known, auto&) { known.newest.push_back(known.newest.front()); },
       Freshness::several_newest},
  };
  for (const Case& c : cases) {
    CatalogEntry known = entry_with(c.kept);
    Listing listed = known.listing;
    c.change(known, listed);

    EXPECT_EQ(judge_wiki(known, listed, kNow, kDay), c.expected) << c.what;
  }
}

TEST(WikiFreshness, WithoutAnIntervalAsksInEachRun) {
  EXPECT_EQ(judge_wiki(entry_with(Kept::wiki), {.has_wiki = true}, kNow, 0s), Freshness::recheck_due);
  EXPECT_EQ(judge_wiki(entry_with(Kept::nothing), {.has_wiki = true}, kNow, 0s), Freshness::unchanged)
      << "one that never existed, once a week all the same";
}

// An account of 100 repositories with a wiki and 900 without, of which nothing is changed, for a year.
class YearOfWikis {
 public:
  explicit YearOfWikis(std::chrono::seconds interval) : interval_(interval) {
    for (int i = 0; i < 1000; ++i) {
      entries_.push_back(entry_with(i < 100 ? Kept::wiki : Kept::nothing, 700'000 + i));
      entries_.back().checked.clear();
      last_.push_back({});
    }
  }

  struct Counts {
    int kept = 0;
    int missing = 0;
  };
  Counts run(UtcTime now) {
    Counts counts;
    for (std::size_t i = 0; i < entries_.size(); ++i) {
      if (judge_wiki(entries_[i], entries_[i].listing, now, interval_) == Freshness::unchanged) continue;
      entries_[i].checked["wiki"] = now;
      last_[i].push_back(now);
      ++(i < 100 ? counts.kept : counts.missing);
    }
    return counts;
  }
  /// When each was asked for.
  const std::vector<std::vector<UtcTime>>& asked() const { return last_; }

 private:
  const std::chrono::seconds interval_;
  std::vector<CatalogEntry> entries_;
  std::vector<std::vector<UtcTime>> last_;
};

TEST(WikiFreshness, AsksEachWikiOnceInAnInterval) {
  YearOfWikis daily(kDay);
  const auto first = daily.run(kNow);
  EXPECT_EQ(first.kept, 100) << "the first backup is complete";
  EXPECT_EQ(first.missing, 900);
  int missing = 0;
  for (int day = 1; day <= 364; ++day) {
    const auto counts = daily.run(kNow + day * 24h);
    EXPECT_EQ(counts.kept, 100);
    EXPECT_GT(counts.missing, 80) << "spread over the week";
    EXPECT_LT(counts.missing, 180);
    missing += counts.missing;
    if (day % 7 == 0) {
      EXPECT_EQ(missing, day / 7 * 900) << "each once a week";
    }
  }
}

TEST(WikiFreshness, SpreadsWhatIsDueOverTheRunsOfADay) {
  YearOfWikis hourly(kDay);
  hourly.run(kNow);
  for (int day = 0; day < 364; ++day) {
    int of_day = 0;
    int missing = 0;
    for (int hour = 1; hour <= 24; ++hour) {
      const auto counts = hourly.run(kNow + (day * 24 + hour) * 1h);
      EXPECT_LT(counts.kept, 15);
      EXPECT_LT(counts.missing, 25);
      of_day += counts.kept;
      missing += counts.missing;
    }
    EXPECT_EQ(of_day, 100);
    EXPECT_LT(missing, 180);
  }
}

TEST(WikiFreshness, CostsNoMoreWhereRunsAreIrregular) {
  std::mt19937 random(7);
  for (const auto longest : {2h, 20h, 70h}) {
    YearOfWikis account(kDay);
    std::uniform_int_distribution<std::int64_t> pause(
        60, std::chrono::duration_cast<std::chrono::seconds>(longest).count());
    UtcTime now = kNow;
    for (; now < kNow + 364 * 24h; now += std::chrono::seconds(pause(random))) account.run(now);

    for (std::size_t i = 0; i < account.asked().size(); ++i) {
      const std::chrono::seconds interval = i < 100 ? kDay : kWeek;
      const auto& times = account.asked()[i];
      EXPECT_LE(times.size(), static_cast<std::size_t>((now - kNow) / interval) + 2) << i;
      for (std::size_t n = 2; n < times.size(); ++n)
        EXPECT_GT(times[n] - times[n - 2], interval) << "three times within one interval, " << i;
      for (std::size_t n = 1; n < times.size(); ++n)
        EXPECT_LT(times[n] - times[n - 1], 2 * interval + longest) << i;
    }
  }
}

TEST(WikiUrl, StandsBesideTheRepositorys) {
  EXPECT_EQ(wiki_url("https://github.com/acme/site.git"), "https://github.com/acme/site.wiki.git");
  EXPECT_EQ(wiki_url("https://github.com/acme/site"), "https://github.com/acme/site.wiki.git");
  EXPECT_EQ(wiki_url("https://github.com/acme/a.git.git"), "https://github.com/acme/a.git.wiki.git");
}

class Wiki : public testing::Test {
 protected:
  Wiki() {
    repository_.has_wiki = true;
    repository_.pushed_at = "2020-01-01T00:00:00Z";
    wiki_.on_list = kNone;
    bench_.context.parts.push_back(wiki_backup(kDay));
    bench_.context.open_remote = [this](const std::string& url) {
      const bool is_wiki = url.ends_with(".wiki.git");
      return std::make_unique<FakeRemote>(is_wiki ? wiki_ : bench_.server);
    };
  }

  static constexpr auto kNone = [] { throw Error(ErrorKind::not_found, "Repository not found"); };
  void has_page(unsigned number) {
    wiki_.on_list = [] {};
    wiki_.set_ref("refs/heads/master", number);
  }
  /// A run, long enough after the one before that each wiki is due.
  Outcome run() {
    bench_.clock.advance(8 * 24h);
    repository_.listed_at = bench_.clock.now();
    const int asked = wiki_.listed;
    auto result = backup_repository(bench_.context, repository_, known_, {});
    asked_ = wiki_.listed - asked;
    if (result.update) known_ = result.update->entry;
    return result.outcome;
  }
  std::optional<Part> kept() {
    const auto parts =
        bench_.vault.read_manifest(known_->folder, known_->newest.at(0).snapshot, {}, {}).manifest.parts;
    const auto found = parts.find("wiki");
    return found == parts.end() ? std::nullopt : std::optional(found->second);
  }

  BackupBench bench_;
  FakeServer wiki_;
  Repository repository_ = BackupBench::repository();
  std::optional<CatalogEntry> known_;
  int asked_ = 0;  // in the last run
};

TEST_F(Wiki, ThatNeverWasIsNoNews) {
  const Outcome first = run();
  const Outcome second = run();

  EXPECT_EQ(first.kind, OutcomeKind::saved);
  EXPECT_EQ(second.kind, OutcomeKind::unchanged);
  EXPECT_EQ(asked_, 1);
  EXPECT_EQ(kept(), std::nullopt);
  for (const Outcome& outcome : {first, second}) {
    EXPECT_THAT(outcome.detail, testing::Not(HasSubstr("wiki")));
    EXPECT_THAT(to_json(outcome).dump(), testing::Not(HasSubstr("wiki")));
  }
  EXPECT_GT(known_->checked.at("wiki"), known_->refs_checked_at);
}

TEST_F(Wiki, ComesGoesAndComesBack) {
  run();
  has_page(11);
  const Outcome created = run();
  const Part first = *kept();
  const Outcome same = run();
  wiki_.set_ref("refs/heads/master", 12);
  const Outcome changed = run();
  const Part whole = *kept();
  bench_.github.name_now = repository_.full_name;
  wiki_.on_list = kNone;
  const Outcome gone = run();
  const Part after = *kept();
  const Outcome still_gone = run();
  has_page(12);
  const Outcome back = run();

  EXPECT_THAT(created.detail, HasSubstr("wiki: new"));
  EXPECT_EQ(git_part(first).bundles.size(), 1U);
  EXPECT_EQ(same.kind, OutcomeKind::unchanged);
  EXPECT_THAT(same.detail, testing::Not(HasSubstr("wiki")));
  EXPECT_THAT(changed.detail, HasSubstr("wiki: changed"));
  EXPECT_EQ(git_part(whole).bundles.size(), 2U);
  EXPECT_EQ(gone.kind, OutcomeKind::saved);
  EXPECT_THAT(gone.detail, HasSubstr("wiki: gone from GitHub, and kept"));
  EXPECT_EQ(bench_.github.names_asked, 1) << "once, and never while there was nothing to lose";
  EXPECT_EQ(after, with_status(whole, PartStatus::gone));
  EXPECT_EQ(still_gone.kind, OutcomeKind::unchanged);
  EXPECT_THAT(still_gone.detail, testing::Not(HasSubstr("wiki")));
  EXPECT_THAT(back.detail, HasSubstr("wiki: back again"));
  EXPECT_EQ(kept()->status(), PartStatus::ok);
  EXPECT_EQ(git_part(*kept()).bundles, git_part(whole).bundles) << "nothing is fetched again";
}

TEST_F(Wiki, OfARepositoryThatIsGoneOrRenamedIsNotCalledGone) {
  has_page(11);
  run();
  const Part before = *kept();
  wiki_.on_list = kNone;

  const Outcome hidden = run();
  bench_.github.name_now = "acme/renamed";
  const Outcome renamed = run();

  ASSERT_TRUE(hidden.error && renamed.error);
  EXPECT_THAT(hidden.error->message(), HasSubstr("wiki: it is gone from GitHub, or hidden"));
  EXPECT_THAT(renamed.error->message(), HasSubstr("wiki: it has become acme/renamed"));
  EXPECT_EQ(*kept(), before);
}

TEST_F(Wiki, ThatMayNotBeReadIsItsOwnFailure) {
  wiki_.on_list = [] { throw Error(ErrorKind::forbidden, "may not (403)"); };

  const Outcome outcome = run();

  EXPECT_EQ(outcome.kind, OutcomeKind::failed);
  ASSERT_TRUE(outcome.error);
  EXPECT_EQ(outcome.error->message(), "wiki: may not (403)");
  EXPECT_FALSE(outcome.snapshot.empty()) << "the history is saved all the same";
  EXPECT_EQ(kept()->status(), PartStatus::failed);

  wiki_.on_list = kNone;
  EXPECT_EQ(run().kind, OutcomeKind::saved);
  EXPECT_EQ(kept()->status(), PartStatus::absent);
}

TEST_F(Wiki, ThatIsSwitchedOffIsKeptAndNotAskedFor) {
  has_page(11);
  run();
  const Part before = *kept();
  repository_.has_wiki = false;
  bench_.server.set_ref("refs/heads/main", 70);
  repository_.default_branch = "trunk";  // the history is due

  const Outcome outcome = run();

  EXPECT_EQ(outcome.kind, OutcomeKind::saved);
  EXPECT_EQ(asked_, 0);
  EXPECT_EQ(*kept(), before);
}

TEST_F(Wiki, ThatIsSwitchedOffFromTheBeginningIsNotAskedFor) {
  repository_.has_wiki = false;
  run();
  EXPECT_EQ(asked_, 0);
  EXPECT_EQ(kept(), std::nullopt);
  has_page(11);
  repository_.has_wiki = true;
  EXPECT_THAT(run().detail, HasSubstr("wiki: new"));
}

TEST_F(Wiki, ThatFailedAndIsSwitchedOffIsNoFailureAnyMore) {
  has_page(11);
  run();
  wiki_.on_list = [] { throw Error(ErrorKind::forbidden, "may not (403)"); };
  bench_.server.set_ref("refs/heads/main", 70);
  repository_.default_branch = "trunk";
  run();
  ASSERT_EQ(kept()->status(), PartStatus::failed);
  repository_.has_wiki = false;

  EXPECT_EQ(run().kind, OutcomeKind::saved);
  EXPECT_EQ(kept()->status(), PartStatus::gone);
  EXPECT_EQ(asked_, 0);
  EXPECT_FALSE(git_part(*kept()).bundles.empty());
}

// What a run before had still to ask for is of the history.
TEST_F(Wiki, KnowsNothingOfWhatWasOpenOfTheHistory) {
  has_page(11);
  const auto result = backup_repository(bench_.context, repository_, known_, {}, {.in_slices = true});

  const auto parts =
      bench_.vault.read_manifest(result.update->entry.folder, result.outcome.snapshot, {}, {}).manifest.parts;
  EXPECT_EQ(parts.at("wiki").status(), PartStatus::ok);
  EXPECT_THAT(result.outcome.detail, testing::Not(HasSubstr("wiki: fetched in slices")));
}

TEST_F(Wiki, OfADisabledRepositoryWaits) {
  run();
  repository_.is_disabled = true;
  bench_.context.recheck = std::chrono::hours(24 * 365);

  EXPECT_EQ(run().kind, OutcomeKind::unchanged);
  EXPECT_EQ(asked_, 0);
}

}  // namespace
}  // namespace hubkeep
