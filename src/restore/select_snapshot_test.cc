#include "restore/select_snapshot.h"

#include <gtest/gtest.h>

#include "base/error.h"

namespace hubkeep {
namespace {

Catalog sample() {
  Catalog catalog;
  const auto add = [&](std::int64_t id, std::string name,
                       std::vector<std::string> before = {}) -> CatalogEntry& {
    CatalogEntry& entry = catalog[{"github.com", id}];
    entry.host = "github.com";
    entry.id = id;
    entry.listing.full_name = std::move(name);
    entry.previous_names = std::move(before);
    return entry;
  };
  add(1, "acme/site").gone_since = UtcTime{};
  add(2, "Acme/Site");
  add(3, "acme/new", {"acme/old"});
  add(4, "acme/newer", {"acme/older", "acme/twice"});
  add(5, "acme/other", {"acme/twice"});
  return catalog;
}

TEST(FindRepository, TakesTheOneThatHasTheNameNow) {
  const Catalog catalog = sample();

  EXPECT_EQ(find_repository(catalog, "acme/SITE", "hubkeep list").id, 2);
  EXPECT_EQ(find_repository(catalog, "acme/site@1", "hubkeep list").id, 1);
  EXPECT_EQ(find_repository(catalog, "acme/old", "hubkeep list").id, 3);
  EXPECT_EQ(find_repository(catalog, "acme/twice@4", "hubkeep list").id, 4);
}

TEST(FindRepository, SaysWhenNoneOrSeveralAreMeant) {
  const Catalog catalog = sample();

  EXPECT_THROW(find_repository(catalog, "acme/missing", "hubkeep list"), Error);
  EXPECT_THROW(find_repository(catalog, "acme/site@9", "hubkeep list"), Error);
  EXPECT_THROW(find_repository(catalog, "acme/site@3", "hubkeep list"), Error);
  EXPECT_THROW(find_repository(catalog, "acme/twice", "hubkeep list"), Error);
}

TEST(ParseUserTime, TakesWhatPeopleType) {
  EXPECT_EQ(parse_user_time("2026-11-23"), parse_time("2026-11-23T23:59:59Z"));
  EXPECT_EQ(parse_user_time("2026-11-23 18:45:01"), parse_time("2026-11-23T18:45:01Z"));
  EXPECT_EQ(parse_user_time("2026-11-23T18:45:01Z"), parse_time("2026-11-23T18:45:01Z"));
  EXPECT_FALSE(parse_user_time("yesterday").has_value());
}

}  // namespace
}  // namespace hubkeep
