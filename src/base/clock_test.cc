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

TEST(Time, MayLieFarAway) {
  for (const char* text : {"0001-01-01T00:00:00Z", "1600-02-29T12:00:00Z", "9999-12-31T23:59:59Z"}) {
    const auto time = parse_time(text);

    ASSERT_TRUE(time.has_value()) << text;
    EXPECT_EQ(format_time(*time), text);
  }
}

TEST(Time, RefusesAnythingElse) {
  for (const char* text : {"", "yesterday", "2026-11-23", "2026-11-23T18:45:01Zx", "2026-13-23T18:45:01Z",
                           "2026-02-31T18:45:01Z", "2026-11-23T18:45:60Z", "2026-11-3T18:45:01Z",
                           " 2026-11-23T18:45:01Z", "2026112T184501Z", "20261123T18451Z"}) {
    EXPECT_FALSE(parse_time(text).has_value()) << text;
  }
  EXPECT_FALSE(parse_http_date("Mon, 31 Feb 2026 18:45:01 GMT").has_value());
  EXPECT_FALSE(parse_http_date("Fri, 31 Dec 9999 23:59:60 GMT").has_value());
}

TEST(Duration, IsSaidInItsTwoLargestUnits) {
  using std::chrono::seconds;
  EXPECT_EQ(describe_duration(seconds(0)), "0 seconds");
  EXPECT_EQ(describe_duration(seconds(1)), "1 second");
  EXPECT_EQ(describe_duration(seconds(901)), "15 minutes and 1 second");
  EXPECT_EQ(describe_duration(seconds(-3600)), "1 hour");
  EXPECT_EQ(describe_duration(seconds(86400 + 60)), "1 day");
  EXPECT_EQ(describe_duration(seconds(10LL * 365 * 86400 + 2 * 86400)), "10 years and 2 days");
}

TEST(SystemClock, HasAnUptimeThatGoesOn) {
  SystemClock clock;
  const auto before = clock.uptime();

  EXPECT_GT(before, std::chrono::seconds(0));
  EXPECT_LE(before, clock.uptime());
  EXPECT_LT(clock.uptime(), clock.now().time_since_epoch());
}

TEST(SystemClock, SleepEndsWhenStopped) {
  SystemClock clock;
  std::stop_source stop;
  stop.request_stop();

  EXPECT_THROW(clock.sleep(std::chrono::hours(1), stop.get_token()), Error);
}

}  // namespace
}  // namespace hubkeep
