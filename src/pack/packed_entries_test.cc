#include "pack/packed_entries.h"

#include <gtest/gtest.h>

#include <random>
#include <string>

namespace hubkeep {
namespace {

std::string entry_of(std::uint32_t number) {
  return std::string(8 + number * 7919 % 900, static_cast<char>('a' + number % 26)) + std::to_string(number);
}

TEST(PackedEntries, GivesBackWhatWasPutWhileItIsThere) {
  std::minstd_rand random(3);
  PackedEntries entries(std::size_t{16} << 10U);
  unsigned found = 0;
  for (int step = 0; step < 100'000; ++step) {
    const auto number = static_cast<std::uint32_t>(random() % 60);
    if (random() % 3 == 0) {
      entries.put(number, entry_of(number), number, 100);
      ASSERT_TRUE(entries.contains(number));
    } else if (entries.contains(number)) {
      const auto entry = entries.get(number);
      ASSERT_EQ(entry.compressed, entry_of(number));
      ASSERT_EQ(entry.inflated, number);
      ++found;
    }
  }
  EXPECT_GT(found, 5'000U);
  EXPECT_LE(entries.memory(), (std::size_t{16} << 10U) + 100 * sizeof(std::uint32_t));
}

TEST(PackedEntries, KeepsSmallOnesAndThoseThatWereOfUseLongest) {
  PackedEntries entries(std::size_t{256} << 10U);
  entries.put(0, std::string(300, 's'), 1, 100);
  entries.put(1, std::string(5'000, 'l'), 1, 100);
  entries.put(2, std::string(5'000, 'u'), 1, 100);
  for (std::uint32_t number = 3; number < 200; ++number) {
    entries.put(number, std::string(5'000, 'o'), 1, 100);
    if (number % 20 == 0) {
      ASSERT_TRUE(entries.contains(2));
      entries.was_used(2);
    }
  }
  EXPECT_TRUE(entries.contains(0));
  EXPECT_FALSE(entries.contains(1));
  EXPECT_TRUE(entries.contains(2));
}

TEST(PackedEntries, TakeNothingOnceCleared) {
  PackedEntries entries(std::size_t{16} << 10U);
  entries.put(1, "content", 7, 7);
  entries.clear();
  entries.put(2, "content", 7, 7);
  EXPECT_FALSE(entries.contains(1));
  EXPECT_FALSE(entries.contains(2));
  EXPECT_EQ(entries.memory(), 0U);
}

}  // namespace
}  // namespace hubkeep
