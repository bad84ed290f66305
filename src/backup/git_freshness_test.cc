#include "backup/git_freshness.h"

#include <gtest/gtest.h>

namespace hubkeep {
namespace {

using namespace std::chrono_literals;

const UtcTime kListed = *parse_time("2026-11-23T12:00:00Z");
constexpr std::chrono::hours kWeek{7 * 24};

CatalogEntry known() {
  CatalogEntry entry{.host = "github.com", .id = 42, .refs_checked_at = kListed};
  entry.newest = {
      {*SnapshotId::parse("20261123T120000Z-00000a"), std::string(64, 'a'), {{"git", PartStatus::ok}}}};
  entry.listing = {.full_name = "acme/site",
                   .visibility = "private",
                   .is_archived = false,
                   .is_fork = false,
                   .default_branch = "main",
                   .pushed_at = "2026-11-23T11:00:00Z",
                   .listed_at = kListed};
  return entry;
}

TEST(Freshness, IsUnchangedWhenEverythingIsEqualButTheTimeOfTheListing) {
  Listing now = known().listing;
  now.listed_at += 24h;

  EXPECT_EQ(judge_freshness(known(), now, kListed + 24h, kWeek), Freshness::unchanged);
}

TEST(Freshness, SeesEveryDifferenceInTheListing) {
  const auto judge = [](auto change) {
    Listing now = known().listing;
    change(now);
    return judge_freshness(known(), now, kListed, kWeek);
  };

  EXPECT_EQ(judge([](Listing& l) { l.pushed_at = "2026-11-23T11:00:01Z"; }), Freshness::listing_differs);
  EXPECT_EQ(judge([](Listing& l) { l.pushed_at = "2026-11-22T11:00:00Z"; }), Freshness::listing_differs);
  EXPECT_EQ(judge([](Listing& l) { l.default_branch = "trunk"; }), Freshness::listing_differs);
  EXPECT_EQ(judge([](Listing& l) { l.full_name = "acme/new"; }), Freshness::listing_differs);
  EXPECT_EQ(judge([](Listing& l) { l.visibility = "public"; }), Freshness::listing_differs);
  EXPECT_EQ(judge([](Listing& l) { l.is_archived = true; }), Freshness::listing_differs);
}

TEST(Freshness, DoesNotTrustAPushJustBeforeTheListing) {
  struct Case {
    const char* pushed_at;
    Freshness expected;
  };
  for (const Case& c :
       {Case{"2026-11-23T12:00:00Z", Freshness::pushed_recently},
        Case{"2026-11-23T11:55:01Z", Freshness::pushed_recently},
        Case{"2026-11-23T11:55:00Z", Freshness::unchanged},
        Case{"2026-11-23T12:00:30Z", Freshness::pushed_recently}, Case{"", Freshness::unchanged}}) {
    CatalogEntry entry = known();
    entry.listing.pushed_at = c.pushed_at;

    EXPECT_EQ(judge_freshness(entry, entry.listing, kListed + 1h, kWeek), c.expected) << c.pushed_at;
  }
}

TEST(Freshness, AsksAgainWhenTheVaultIsNotSure) {
  CatalogEntry partial = known();
  partial.newest[0].parts = {{"git", PartStatus::partial}};
  CatalogEntry two = known();
  two.newest.push_back(two.newest[0]);
  CatalogEntry gone = known();
  gone.gone_since = kListed;

  EXPECT_EQ(judge_freshness(partial, partial.listing, kListed, kWeek), Freshness::incomplete);
  EXPECT_EQ(judge_freshness(two, two.listing, kListed, kWeek), Freshness::several_newest);
  EXPECT_EQ(judge_freshness(gone, gone.listing, kListed, kWeek), Freshness::back_again);
}

TEST(Freshness, DoesNotTrustACheckThatIsYetToCome) {
  for (const auto& [ahead, expected] : {std::pair(std::chrono::seconds(15min), Freshness::unchanged),
                                        std::pair(std::chrono::seconds(15min + 1s), Freshness::recheck_due),
                                        std::pair(std::chrono::seconds(365 * 24h), Freshness::recheck_due)}) {
    CatalogEntry entry = known();
    entry.refs_checked_at = kListed + ahead;

    EXPECT_EQ(judge_freshness(entry, entry.listing, kListed, kWeek), expected) << ahead.count();
  }
}

TEST(Freshness, RechecksBetweenHalfAndAllOfTheIntervalSpreadById) {
  int due_after_three_quarters = 0;
  for (int id = 1; id <= 1000; ++id) {
    CatalogEntry entry = known();
    entry.id = id;
    const auto judge = [&](std::chrono::seconds age) {
      return judge_freshness(entry, entry.listing, kListed + age, kWeek);
    };

    EXPECT_EQ(judge(kWeek / 2 - 1s), Freshness::unchanged);
    EXPECT_EQ(judge(kWeek), Freshness::recheck_due);
    due_after_three_quarters += judge(kWeek * 3 / 4) == Freshness::recheck_due ? 1 : 0;
  }
  EXPECT_NEAR(due_after_three_quarters, 500, 60);
}

}  // namespace
}  // namespace hubkeep
