#include "git/oid_set.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "base/error.h"

namespace hubkeep {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

// Numbers stand at the end of the name, or at its beginning.
Oid oid(unsigned number, bool at_end = true) {
  return Oid::parse(at_end ? fmt::format("{:040x}", number) : fmt::format("{:08x}{:032x}", number, 0))
      .value();
}

TEST(OidSet, KeepsEachOnceInTheOrderInWhichTheyCame) {
  OidSet set;
  EXPECT_THAT(set, IsEmpty());
  EXPECT_FALSE(set.contains(oid(0)));
  EXPECT_TRUE(set.insert(oid(2)));
  EXPECT_TRUE(set.insert(oid(0)));
  EXPECT_FALSE(set.insert(oid(2)));
  EXPECT_TRUE(set.insert(oid(1)));
  EXPECT_THAT(set, ElementsAre(oid(2), oid(0), oid(1)));
  EXPECT_TRUE(set.contains(oid(0)));
  EXPECT_FALSE(set.contains(oid(3)));
  EXPECT_EQ(set.index_of(oid(0)), 1U);
  EXPECT_EQ(set.index_of(oid(3)), std::nullopt);
}

TEST(OidSet, FindsEachOfMany) {
  OidSet set;
  for (unsigned i = 1; i <= 50'000; ++i) ASSERT_TRUE(set.insert(oid(i, i % 2 == 0)));
  EXPECT_EQ(set.size(), 50'000U);
  for (unsigned i = 1; i <= 50'000; ++i) {
    ASSERT_TRUE(set.contains(oid(i, i % 2 == 0)));
    ASSERT_FALSE(set.contains(oid(i, i % 2 != 0)));
    ASSERT_FALSE(set.insert(oid(i, i % 2 == 0)));
  }
  unsigned expected = 0;
  for (const Oid& each : set) {
    ++expected;
    ASSERT_EQ(each, oid(expected, expected % 2 == 0));
  }
  EXPECT_EQ(expected, 50'000U);
}

TEST(OidSet, HoldsNamesOfOneFormat) {
  const Oid sha256 = Oid::parse(std::string(64, 'a')).value();
  OidSet set{oid(1)};
  EXPECT_FALSE(set.contains(sha256));
  EXPECT_THROW(set.insert(sha256), Error);
  EXPECT_THAT((OidSet{sha256}), ElementsAre(sha256));
}

}  // namespace
}  // namespace hubkeep
