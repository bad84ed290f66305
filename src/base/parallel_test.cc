#include "base/parallel.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <stdexcept>
#include <string>
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

TEST(Parallel, ThrowsWhatWasThrownFirstAndBeginsNothingAfterIt) {
  std::vector<std::size_t> begun;
  std::string message;

  try {
    work_in_parallel_or_throw(10, 1, [&](std::size_t i) {
      begun.push_back(i);
      if (i >= 3) throw std::runtime_error("number " + std::to_string(i));
    });
  } catch (const std::runtime_error& error) {
    message = error.what();
  }

  EXPECT_EQ(begun, (std::vector<std::size_t>{0, 1, 2, 3}));
  EXPECT_EQ(message, "number 3");
}

TEST(Parallel, LetsWhatWasBegunComeToItsEndBeforeItThrows) {
  std::mutex mutex;
  std::condition_variable changed;
  int here = 0;
  std::atomic<bool> finished = false;

  EXPECT_THROW(work_in_parallel_or_throw(2, 2,
                                         [&](std::size_t i) {
                                           std::unique_lock lock(mutex);
                                           ++here;
                                           changed.notify_all();
                                           changed.wait(lock, [&] { return here == 2; });
                                           if (i == 0) throw std::runtime_error("at once");
                                           finished = true;
                                         }),
               std::runtime_error);
  EXPECT_TRUE(finished);
}

TEST(Parallel, DoesEachThingOnceWhereNothingIsThrown) {
  std::vector<std::atomic<int>> done(1000);

  work_in_parallel_or_throw(done.size(), 7, [&](std::size_t i) { ++done[i]; });

  EXPECT_TRUE(std::all_of(done.begin(), done.end(), [](const auto& times) { return times == 1; }));
}

}  // namespace
}  // namespace hubkeep
