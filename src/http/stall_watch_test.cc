#include "http/stall_watch.h"

#include <gtest/gtest.h>

namespace hubkeep {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

constexpr StallWatch::Time kBegin{};

TEST(StallWatch, ServersThatOnlyKeepAliveStall) {
  StallWatch watch(minutes(10), kBegin);

  // Five bytes every five seconds, as git sends them.
  for (int i = 1; i < 120; ++i)
    ASSERT_FALSE(watch.is_stalled(5U * static_cast<unsigned>(i), kBegin + seconds(5 * i))) << i;
  EXPECT_TRUE(watch.is_stalled(600, kBegin + minutes(10)));
}

TEST(StallWatch, AKibibyteWithinTheTimeIsEnough) {
  StallWatch watch(minutes(10), kBegin);

  for (unsigned i = 1; i <= 100; ++i)
    ASSERT_FALSE(watch.is_stalled(1024 * ByteCount{i}, kBegin + i * (minutes(10) - seconds(1)))) << i;
}

TEST(StallWatch, TheTimeBeginsAnewWithEachKibibyteAlone) {
  StallWatch watch(minutes(10), kBegin);
  watch.is_stalled(1024, kBegin + minutes(9));

  EXPECT_FALSE(watch.is_stalled(2047, kBegin + minutes(19) - seconds(1)));
  EXPECT_TRUE(watch.is_stalled(2047, kBegin + minutes(19)));
}

TEST(StallWatch, TimeOnOurSideDoesNotCount) {
  StallWatch watch(minutes(10), kBegin);
  watch.excuse(minutes(5));

  EXPECT_FALSE(watch.is_stalled(0, kBegin + minutes(14)));
  EXPECT_TRUE(watch.is_stalled(0, kBegin + minutes(15)));
}

TEST(StallWatch, WithoutATimeoutNothingStalls) {
  StallWatch watch(seconds(0), kBegin);

  EXPECT_FALSE(watch.is_stalled(0, kBegin + minutes(100'000)));
}

}  // namespace
}  // namespace hubkeep
