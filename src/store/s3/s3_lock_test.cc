#include "store/s3/s3_lock.h"

#include <gtest/gtest.h>

namespace hubkeep {
namespace {

UtcTime at(std::string_view text) {
  return parse_time(text).value();
}

TEST(LockPlan, GivesAllThatIsWrittenInAPeriodOneDate) {
  struct Case {
    const char* now;
    int days;
    const char* until;
  };
  // 1970-01-01 is the beginning of a period; of 30 days the period is 3, of 365 it is 36.5 days.
  for (const Case& c : {Case{"1970-01-01T00:00:00Z", 30, "1970-01-31T00:00:00Z"},
                        Case{"1970-01-01T00:00:01Z", 30, "1970-02-03T00:00:00Z"},
                        Case{"1970-01-04T00:00:00Z", 30, "1970-02-03T00:00:00Z"},
                        Case{"1970-01-04T00:00:01Z", 30, "1970-02-06T00:00:00Z"},
                        Case{"1970-01-01T12:00:00Z", 1, "1970-01-03T00:00:00Z"},
                        Case{"1970-01-01T12:00:00Z", 5, "1970-01-07T00:00:00Z"},
                        Case{"1970-01-01T00:00:00Z", 365, "1971-01-01T00:00:00Z"},
                        Case{"1970-01-02T00:00:00Z", 365, "1971-02-06T12:00:00Z"}}) {
    EXPECT_EQ(format_time(plan_lock(at(c.now), std::chrono::days(c.days)).until), c.until)
        << c.now << " " << c.days;
  }
}

TEST(LockPlan, NeverLocksForLessThanTheRetentionNorMuchLonger) {
  for (const int days : {1, 2, 7, 30, 365, 36'500}) {
    const std::chrono::seconds retention = std::chrono::days(days);
    const auto period = std::max<std::chrono::seconds>(std::chrono::days(1), retention / 10);
    for (int hour = 0; hour < 1000; ++hour) {
      const UtcTime now = at("2026-11-23T18:45:01Z") + std::chrono::hours(hour);

      const LockPlan plan = plan_lock(now, std::chrono::days(days));

      EXPECT_GE(plan.until, now + retention);
      EXPECT_LT(plan.until, now + retention + period);
      EXPECT_EQ(plan.renew_before, now + retention / 2);
    }
  }
}

}  // namespace
}  // namespace hubkeep
