// What a buffer takes of the heap: as much as is to come, and never more than its limit.
#include "store/s3/s3_part_buffers.h"

#include <gtest/gtest.h>

#include <limits>

namespace hubkeep {
namespace {

constexpr ByteCount kLimit = ByteCount{8} << 20;
constexpr ByteCount kUnknown = std::numeric_limits<ByteCount>::max();
constexpr std::size_t kPiece = std::size_t{16} << 10;

/// Filled as a download comes: with `size` bytes in pieces, of an object of `known` bytes.
PartBuffer filled(ByteCount size, ByteCount known) {
  PartBuffer buffer{.bytes = {}, .limit = kLimit, .leases = {}};
  const std::string piece(kPiece, 'x');
  for (ByteCount came = 0; came < size; came += kPiece) {
    std::string_view more = std::string_view(piece).substr(0, static_cast<std::size_t>(size - came));
    buffer.fill(more, known > came ? known - came : 0);
  }
  return buffer;
}

TEST(PartBuffer, TakesNoMoreThanIsToCome) {
  const ByteCount size = 100 * 1024;

  const PartBuffer buffer = filled(size, size);

  EXPECT_EQ(buffer.bytes.size(), size);
  EXPECT_EQ(buffer.bytes.capacity(), size);
}

TEST(PartBuffer, OfALargeObjectTakesItsLimit) {
  EXPECT_EQ(filled(100 * 1024, 3 * kLimit).bytes.capacity(), kLimit);
  EXPECT_EQ(filled(100 * 1024, kUnknown).bytes.capacity(), kLimit);
}

TEST(PartBuffer, NeverTakesMoreThanItsLimitWhereMoreComesThanWasKnown) {
  const PartBuffer buffer = filled(kLimit, kLimit - kPiece);

  EXPECT_TRUE(buffer.full());
  EXPECT_EQ(buffer.bytes.capacity(), kLimit);
}

TEST(PartBuffer, LeavesWhatDoesNotFit) {
  PartBuffer buffer = filled(kLimit - 1, kUnknown);
  std::string_view more = "abc";

  buffer.fill(more, kUnknown);

  EXPECT_EQ(more, "bc");
  EXPECT_TRUE(buffer.full());
}

}  // namespace
}  // namespace hubkeep
