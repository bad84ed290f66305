#include "base/crc32.h"

#include <gtest/gtest.h>

namespace hubkeep {
namespace {

TEST(Crc32, HasThePublishedCheckValue) {
  EXPECT_EQ(crc32_of("123456789"), 0xCBF43926U);
  EXPECT_EQ(crc32_of(""), 0U);
}

TEST(Crc32, OfAWholeFollowsFromItsPieces) {
  const auto whole = combine_crc32(crc32_of("1234"), crc32_of("56789"), 5);

  EXPECT_EQ(whole, 0xCBF43926U);
  EXPECT_EQ(combine_crc32(whole, crc32_of(""), 0), whole);
}

}  // namespace
}  // namespace hubkeep
