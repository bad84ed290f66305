#include "backup/share.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstdint>

namespace hubkeep {
namespace {

TEST(Share, HasEachHashInOneOfAllSharesInTheirOrder) {
  for (int of = 1; of <= kMostShares; ++of) {
    int before = 1;
    for (std::uint64_t first = 0; first <= 0xFFFFFFFF; first += 0x00FFFFFF) {
      const std::string oid = fmt::format("{:08x}", first) + std::string(56, 'f');
      int owner = 0;
      int owners = 0;
      for (int number = 1; number <= of; ++number) {
        if (!Share{.number = number, .of = of}.has(oid)) continue;
        owner = number;
        ++owners;
      }
      EXPECT_EQ(owners, 1) << oid << " of " << of;
      EXPECT_GE(owner, before) << oid << " of " << of;
      before = owner;
    }
    EXPECT_EQ(before, of);
  }
}

}  // namespace
}  // namespace hubkeep
