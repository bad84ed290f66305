#include "lambda/deadline.h"

#include <gtest/gtest.h>

#include <condition_variable>
#include <mutex>

namespace hubkeep {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

TEST(DeadlinePlan, LeavesTimeToKeepWhatIsFinished) {
  EXPECT_EQ(plan_deadline(seconds(900)).last_call, seconds(810));
  EXPECT_EQ(plan_deadline(seconds(900)).stop, seconds(855));
  EXPECT_EQ(plan_deadline(seconds(60)).last_call, seconds(48));
  EXPECT_EQ(plan_deadline(seconds(60)).stop, seconds(54));
  EXPECT_EQ(plan_deadline(seconds(-5)).stop, seconds(0));
}

TEST(Deadline, StopsAtOnceWhenItHasPassed) {
  Deadline deadline(std::chrono::sys_time<milliseconds>(milliseconds(1)));
  std::mutex mutex;
  std::condition_variable_any woken;
  std::unique_lock lock(mutex);

  // Returns when the stop is requested; never otherwise.
  woken.wait(lock, deadline.stop(), [] { return false; });

  EXPECT_TRUE(deadline.stops().stop.stop_requested());
  EXPECT_TRUE(deadline.stops().last_call.stop_requested());
}

TEST(Deadline, DoesNotKeepTheProgramWhenAllIsDoneBefore) {
  const auto tomorrow =
      std::chrono::time_point_cast<milliseconds>(std::chrono::system_clock::now()) + std::chrono::hours(24);

  const Deadline deadline(tomorrow);

  EXPECT_FALSE(deadline.stops().last_call.stop_requested());
}

}  // namespace
}  // namespace hubkeep
