#include "pack/block_source.h"

#include <gmock/gmock.h>

#include <random>

#include "base/error.h"
#include "pack/memory_source.h"

namespace hubkeep {
namespace {

std::string some_bytes(std::size_t size) {
  std::string bytes;
  for (std::size_t i = 0; i < size; ++i) bytes += static_cast<char>(i * 7 + i / 251);
  return bytes;
}

BlockSource in_blocks(const std::string& bytes, ReadBudget& budget, const BlockOptions& options) {
  return BlockSource(std::make_unique<MemorySource>(bytes, budget), options);
}

TEST(BlockSource, GivesTheSameBytesWhateverIsAskedFor) {
  const std::string bytes = some_bytes(10'007);
  ReadBudget budget;
  BlockSource source = in_blocks(bytes, budget, {.block = 100, .kept = 8});
  std::mt19937 random(16);  // NOLINT: the same each time

  for (int i = 0; i < 3'000; ++i) {
    const std::size_t offset = random() % (bytes.size() + 1);
    const std::size_t length = random() % (i % 50 == 0 ? 3'000 : 300);
    const std::size_t there = std::min(length, bytes.size() - offset);
    ASSERT_EQ(source.read(offset, there, {}), bytes.substr(offset, there)) << offset << " " << there;
  }
  EXPECT_EQ(source.size(), bytes.size());
}

TEST(BlockSource, AsksOnceForWhatLiesTogetherAndNotAgainForWhatItKeeps) {
  const std::string bytes = some_bytes(1'000);
  ReadBudget budget;
  BlockSource source = in_blocks(bytes, budget, {.block = 100, .kept = 8});

  source.read(150, 100, {});
  EXPECT_EQ(budget.requests(), 1U);
  EXPECT_EQ(budget.bytes(), 200U);
  source.read(100, 200, {});
  source.read(299, 1, {});
  EXPECT_EQ(budget.requests(), 1U);
  source.read(50, 300, {});  // what is before and what is after
  EXPECT_EQ(budget.requests(), 3U);
  EXPECT_EQ(budget.bytes(), 400U);
  source.read(950, 50, {});
  EXPECT_EQ(budget.bytes(), 500U);
  source.read(0, 1'000, {});  // too much to keep
  EXPECT_EQ(budget.requests(), 5U);
  EXPECT_EQ(budget.bytes(), 1'500U);
}

TEST(BlockSource, ForgetsWhatWasNotUsedForTheLongestTime) {
  const std::string bytes = some_bytes(1'000);
  ReadBudget budget;
  BlockSource source = in_blocks(bytes, budget, {.block = 100, .kept = 2});

  for (const ByteCount offset : {0U, 100U, 0U, 200U, 0U}) source.read(offset, 10, {});
  EXPECT_EQ(budget.requests(), 3U);
  source.read(100, 10, {});
  EXPECT_EQ(budget.requests(), 4U);
}

TEST(BlockSource, AsksForNothingBeyondTheEnd) {
  ReadBudget budget;
  BlockSource source = in_blocks(some_bytes(10), budget, {.block = 100, .kept = 2});

  EXPECT_EQ(source.read(10, 0, {}), "");
  EXPECT_THROW(source.read(10, 1, {}), Error);
  EXPECT_THROW(source.read(11, 0, {}), Error);
  EXPECT_THROW(source.read(0, ~ByteCount{0}, {}), Error);
  EXPECT_EQ(budget.requests(), 0U);
}

TEST(ReadBudget, EndsWithAnErrorPastEitherLimit) {
  for (const ReadBudget::Limits& limits : {ReadBudget::Limits{.requests = 2}, {.bytes = 25}}) {
    ReadBudget budget(limits);
    MemorySource source(some_bytes(100), budget);

    source.read(0, 10, {});
    source.read(0, 10, {});
    EXPECT_FALSE(budget.was_exceeded());
    try {
      source.read(0, 10, {});
      FAIL();
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::invalid);
      EXPECT_THAT(error.message(), testing::HasSubstr("after 2 requests and 20 B"));
    }
    EXPECT_TRUE(budget.was_exceeded());
    EXPECT_EQ(budget.requests(), 2U);
  }
}

}  // namespace
}  // namespace hubkeep
