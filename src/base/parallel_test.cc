#include "base/parallel.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <vector>

namespace hubkeep {
namespace {

TEST(Parallel, DoesEachThingOnce) {
  std::vector<std::atomic<int>> done(1000);

  work_in_parallel(done.size(), 7, [&](std::size_t i) { ++done[i]; });

  EXPECT_TRUE(std::all_of(done.begin(), done.end(), [](const auto& times) { return times == 1; }));
}

TEST(Parallel, DoesAsManyAtOnceAsItHasThreads) {
  std::mutex mutex;
  std::condition_variable met;
  int here = 0;

  // Would wait for ever if fewer than three were at work at the same time.
  work_in_parallel(3, 3, [&](std::size_t) {
    std::unique_lock lock(mutex);
    ++here;
    met.notify_all();
    met.wait(lock, [&] { return here == 3; });
  });

  EXPECT_EQ(here, 3);
}

TEST(Parallel, DoesNothingWithNothing) {
  work_in_parallel(0, 4, [](std::size_t) { FAIL(); });
}

}  // namespace
}  // namespace hubkeep
