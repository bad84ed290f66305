#include "base/clock.h"

#include <gtest/gtest.h>

#include "base/error.h"

namespace hubkeep {
namespace {

TEST(Time, IsReadBackAsWritten) {
  const auto time = parse_time("2026-11-23T18:45:01Z");

  ASSERT_TRUE(time.has_value());
  EXPECT_EQ(format_time(*time), "2026-11-23T18:45:01Z");
  EXPECT_EQ(format_compact_time(*time), "20261123T184501Z");
  EXPECT_EQ(parse_time("20261123T184501Z"), time);
  EXPECT_EQ(parse_http_date("Mon, 23 Nov 2026 18:45:01 GMT"), time);
}

TEST(Time, RefusesAnythingElse) {
  for (const char* text : {"", "yesterday", "2026-11-23", "2026-11-23T18:45:01Zx", "2026-13-23T18:45:01Z"}) {
    EXPECT_FALSE(parse_time(text).has_value()) << text;
  }
}

TEST(SystemClock, SleepEndsWhenStopped) {
  SystemClock clock;
  std::stop_source stop;
  stop.request_stop();

  EXPECT_THROW(clock.sleep(std::chrono::hours(1), stop.get_token()), Error);
}

}  // namespace
}  // namespace hubkeep
