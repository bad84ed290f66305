#include "verify/data_subset.h"

#include <gtest/gtest.h>

#include <set>

#include "base/error.h"
#include "crypto/hash.h"

namespace hubkeep {
namespace {

ObjectRecord object(int number, ByteCount size = 10) {
  return {.key = "git/" + std::to_string(number),
          .size = size,
          .sha256 = sha256_hex(std::to_string(number)),
          .encoding = "identity"};
}

TEST(DataSubset, IsWrittenAsAPercentageAShareOrASize) {
  EXPECT_DOUBLE_EQ(DataSubset::parse("2.5%").chance, 0.025);
  EXPECT_EQ(DataSubset::parse("100%").kind, DataSubset::Kind::chance);
  EXPECT_EQ(DataSubset::parse("3/7").share, 3U);
  EXPECT_EQ(DataSubset::parse("3/7").shares, 7U);
  EXPECT_EQ(DataSubset::parse("10G").bytes, ByteCount{10} << 30U);
  EXPECT_EQ(DataSubset::parse("500MiB").bytes, ByteCount{500} << 20U);
  EXPECT_EQ(DataSubset::parse("64K").bytes, ByteCount{64} << 10U);
  EXPECT_EQ(DataSubset::parse("2T").bytes, ByteCount{2} << 40U);
}

TEST(DataSubset, IsNothingElse) {
  for (const char* text : {"",   "%",  "5",     "0%", "101%", "-5%", "nan%", "5 %", "0/7",  "8/7", "1/0",
                           "1/", "/7", "1/7/2", "0G", "G",    "-1G", "1.5G", "10g", "10GB", "iB"}) {
    EXPECT_THROW(DataSubset::parse(text), Error) << text;
  }
}

TEST(DataChooser, ChoosesNothingOrAllWhenToldSo) {
  DataChooser nothing({.kind = DataSubset::Kind::none}, 100);
  DataChooser everything({.kind = DataSubset::Kind::all}, 100);

  EXPECT_FALSE(nothing.choose(object(1)));
  EXPECT_TRUE(everything.choose(object(1)));
}

TEST(DataChooser, HasEveryObjectInJustOneShare) {
  std::multiset<int> chosen;

  for (unsigned share = 1; share <= 7; ++share) {
    DataChooser chooser({.kind = DataSubset::Kind::share, .share = share, .shares = 7}, 0);
    for (int i = 0; i < 700; ++i)
      if (chooser.choose(object(i))) chosen.insert(i);
  }

  EXPECT_EQ(chosen.size(), 700U);
  for (int i = 0; i < 700; ++i) EXPECT_EQ(chosen.count(i), 1U) << i;
}

TEST(DataChooser, TakesAboutTheChanceThatItIsGiven) {
  DataChooser chooser({.kind = DataSubset::Kind::chance, .chance = 0.3}, 0);
  int chosen = 0;

  for (int i = 0; i < 10'000; ++i) chosen += chooser.choose(object(i)) ? 1 : 0;

  EXPECT_NEAR(chosen, 3'000, 500);  // more than ten standard deviations
}

TEST(DataChooser, NeverTakesMoreBytesThanItIsGiven) {
  DataChooser chooser({.kind = DataSubset::Kind::bytes, .bytes = 1'000}, 10'000);
  ByteCount chosen = 0;

  for (int i = 0; i < 100'000; ++i) chosen += chooser.choose(object(i, 30)) ? 30 : 0;

  EXPECT_LE(chosen, 1'000U);
  EXPECT_GT(chosen, 970U);
}

}  // namespace
}  // namespace hubkeep
