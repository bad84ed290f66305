#include "pack/object_cache.h"

#include <gtest/gtest.h>

#include <cstring>
#include <random>
#include <string>

namespace hubkeep {
namespace {

std::string content_of(std::uint32_t number) {
  return std::string(number * 7919 % 500, static_cast<char>('a' + number % 26)) + std::to_string(number);
}

void put(ObjectCache& cache, std::uint32_t number) {
  const std::string content = content_of(number);
  const auto room = cache.reserve(content.size());
  std::memcpy(room.data(), content.data(), content.size());
  cache.keep(number);
}

TEST(ObjectCache, ForgetsWhatWasNotAskedForFirst) {
  ObjectCache cache(std::size_t{8} << 10U);
  put(cache, 1);
  for (std::uint32_t number = 2; number < 500; ++number) {
    put(cache, number);
    EXPECT_EQ(cache.find(1), content_of(1));
  }
  EXPECT_EQ(cache.find(2), std::nullopt);
  EXPECT_EQ(cache.find(499), content_of(499));
}

TEST(ObjectCache, NeverMixesContents) {
  std::minstd_rand random(7);
  ObjectCache cache(std::size_t{8} << 10U);
  unsigned found = 0;
  for (int step = 0; step < 200'000; ++step) {
    const auto number = static_cast<std::uint32_t>(random() % 40);
    if (random() % 3 == 0) {
      put(cache, number);
    } else if (const auto content = cache.find(number)) {
      ASSERT_EQ(*content, content_of(number));
      ++found;
    }
  }
  EXPECT_GT(found, 10'000U);
}

TEST(ObjectCache, KeepsABaseWhileRoomForAnotherOfTheLargestSizeIsMade) {
  ObjectCache cache(std::size_t{30} << 10U);
  const auto largest = cache.largest();
  for (std::uint32_t number = 0; number < 1000; ++number) {
    const auto size = largest - number * 3709 % 12'000;
    std::memset(cache.reserve(size).data(), static_cast<int>(number), size);
    cache.keep(number);
    cache.reserve(largest - number * 977 % 9'000, number);
    const auto base = cache.find(number);
    ASSERT_TRUE(base);
    ASSERT_EQ(base->back(), static_cast<char>(number));
  }
}

TEST(ObjectCache, WaitsBeforeWhatAJobReadsIsMovedOrOverwritten) {
  std::vector<std::uint32_t> waited;
  ObjectCache cache(std::size_t{8} << 10U, [&](std::uint32_t job) { waited.push_back(job); });
  put(cache, 1);
  cache.lend(1, 11);
  put(cache, 2);
  cache.lend(2, 12);
  cache.find(2);

  for (std::uint32_t number = 3; number < 100; ++number) put(cache, number);

  EXPECT_EQ(waited, (std::vector<std::uint32_t>{11, 12}));
}

}  // namespace
}  // namespace hubkeep
