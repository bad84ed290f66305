#include "vault/lines.h"

#include <gtest/gtest.h>

#include <vector>

#include "base/error.h"

namespace hubkeep {
namespace {

constexpr LineLimits kLimits{.line = 8, .total = 20};

std::string read(std::string_view text) {
  std::string lines;
  CompressedLineReader reader([&](std::string_view line) { lines += std::string(line) + "|"; }, kLimits);
  try {
    reader.write(zstd_compress(text));
    reader.finish();
    return lines;
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::corrupt);
    return error.message();
  }
}

std::string write(const std::vector<ByteCount>& lines) {
  LineBudget budget("the list", kLimits);
  try {
    for (const ByteCount size : lines) budget.spend(size);
    return "";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::invalid);
    return error.message();
  }
}

TEST(CompressedLines, AreReadUpToTheirLimits) {
  EXPECT_EQ(read("1234567\n"), "1234567|");
  EXPECT_EQ(read("12345678"), "the last line is cut short");
  EXPECT_EQ(read("123456789"), "a line is longer than 8 B, the most that is read");
  EXPECT_EQ(read("123456789\n"), "a line is longer than 8 B, the most that is read");
  EXPECT_EQ(read("1234567\n1234567\n123\n"), "1234567|1234567|123|");
  EXPECT_EQ(read("1234567\n1234567\n1234\n"), "there are more than 20 B of lines, the most that is read");
}

// A few kilobytes of zstd.
TEST(CompressedLines, OfABombEndEarly) {
  EXPECT_EQ(read(std::string(64 << 20, 'x')), "there are more than 20 B of lines, the most that is read");
  EXPECT_EQ(read(std::string(64 << 20, '\n')), "there are more than 20 B of lines, the most that is read");
}

TEST(CompressedLines, AreWrittenWithinTheLimitsWithWhichTheyAreRead) {
  EXPECT_EQ(write({8, 8, 4}), "");
  EXPECT_EQ(write({9}), "the list: a line is longer than 8 B, the most that is read");
  EXPECT_EQ(write({8, 8, 5}), "the list: there are more than 20 B of lines, the most that is read");
}

}  // namespace
}  // namespace hubkeep
