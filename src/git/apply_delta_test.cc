#include "git/apply_delta.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "git/pack_maker.h"

namespace hubkeep {
namespace {

std::string fault_of(std::string_view base, const std::string& delta) {
  try {
    apply_delta(base, delta);
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::corrupt);
    return error.message();
  }
  return "none";
}

TEST(ApplyDelta, CopiesAndInserts) {
  EXPECT_EQ(apply_delta("one two three", delta_from("one two three", "one two, or four")),
            "one two, or four");
  EXPECT_EQ(apply_delta("abcdef", delta_size(6) + delta_size(4) + "\x91\x04\x02\x90\x02"), "efab");
  EXPECT_EQ(apply_delta("", delta_size(0) + delta_size(2) + "\x02xy"), "xy");
  EXPECT_EQ(read_delta_sizes(delta_size(70'000) + delta_size(std::uint64_t{5} << 32U)).result,
            std::uint64_t{5} << 32U);
}

TEST(ApplyDelta, OfASizeOfZeroCopies64KiB) {
  const std::string base = std::string(70'000, 'a') + "b";
  EXPECT_EQ(apply_delta(base, delta_size(base.size()) + delta_size(0x10000) + "\x80"),
            base.substr(0, 0x10000));
}

TEST(ApplyDelta, RefusesWhatDoesNotFit) {
  const std::string base = "abcdef";
  const std::string head = delta_size(6) + delta_size(4);
  EXPECT_EQ(fault_of(base, head + "\x91\x03\x04"), "its delta copies from beyond its base");
  EXPECT_EQ(fault_of(base, head + "\x9f\xff\xff\xff\xff\x01"), "its delta copies from beyond its base");
  EXPECT_EQ(fault_of(base, head + "\x90\x05"), "its delta makes more than it says");
  EXPECT_EQ(fault_of(base, head + "\x05vwxyz"), "its delta makes more than it says");
  EXPECT_EQ(fault_of(base, head + "\x90\x03"), "its delta makes less than it says");
  EXPECT_EQ(fault_of(base, head + "\x04xyz"), "its delta is cut short");
  EXPECT_EQ(fault_of(base, head + "\x91\x01"), "its delta is cut short");
  EXPECT_EQ(fault_of(base, head + std::string(2, '\0')),
            "its delta has an instruction that git does not know");
  EXPECT_EQ(fault_of("abcde", head + "\x90\x04"), "its delta is of a base of another size");
  EXPECT_EQ(fault_of(base, "\x06\x04\x80"), "its delta is cut short");
  EXPECT_EQ(fault_of(base, std::string(12, '\xff')), "its delta states a size that nothing has");
}

}  // namespace
}  // namespace hubkeep
