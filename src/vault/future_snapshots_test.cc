#include "vault/future_snapshots.h"

#include <gmock/gmock.h>

namespace hubkeep {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

const UtcTime kNow = parse_time("2026-11-23T18:45:01Z").value();

CatalogEntry entry_at(std::int64_t id, const std::string& name, UtcTime time) {
  CatalogEntry entry{.host = "github.com", .id = id};
  entry.listing.full_name = name;
  entry.newest = {{SnapshotId::make(time), "", {{"git", PartStatus::ok}}}};
  return entry;
}

Catalog catalog_of(const std::vector<CatalogEntry>& entries) {
  Catalog catalog;
  for (const CatalogEntry& entry : entries) catalog.emplace(entry.key(), entry);
  return catalog;
}

TEST(FutureSnapshots, AreThoseThatNoDriftExplains) {
  EXPECT_FALSE(is_from_the_future(entry_at(1, "acme/site", kNow), kNow));
  EXPECT_FALSE(is_from_the_future(entry_at(1, "acme/site", kNow + kClockTolerance), kNow));
  EXPECT_TRUE(
      is_from_the_future(entry_at(1, "acme/site", kNow + kClockTolerance + std::chrono::seconds(1)), kNow));
  EXPECT_FALSE(is_from_the_future(CatalogEntry{}, kNow));
}

TEST(FutureSnapshots, AreSaidInALine) {
  const auto year = std::chrono::hours(24 * 365);
  const Catalog one = catalog_of({entry_at(1, "acme/site", kNow), entry_at(2, "acme/api", kNow + year)});
  const Catalog two =
      catalog_of({entry_at(1, "acme/site", kNow + year + year), entry_at(2, "acme/api", kNow + year)});

  EXPECT_EQ(future_snapshots_text({}, kNow), "");
  EXPECT_EQ(future_snapshots_text(catalog_of({entry_at(1, "acme/site", kNow)}), kNow), "");
  EXPECT_THAT(future_snapshots_text(one, kNow),
              AllOf(HasSubstr("1 repository has a snapshot from the future, the last 20271123T184501Z-"),
                    HasSubstr(" of acme/api:")));
  EXPECT_THAT(future_snapshots_text(two, kNow),
              AllOf(HasSubstr("2 repositories have a snapshot from the future, the last 20281122T184501Z-"),
                    HasSubstr(" of acme/site:")));
}

}  // namespace
}  // namespace hubkeep
