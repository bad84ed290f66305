#include "base/retry.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

#include "base/error_of.h"

namespace hubkeep {
namespace {

using std::chrono::milliseconds;
using ::testing::HasSubstr;

class ManualClock final : public Clock {
 public:
  UtcTime now() override { return UtcTime(); }
  void sleep(milliseconds duration, std::stop_token stop) override {
    if (stop.stop_requested()) throw Error(ErrorKind::cancelled, "stopped while waiting");
    slept.push_back(duration);
  }
  std::vector<milliseconds> slept;
};

const RetryPolicy kPolicy{
    .max_attempts = 3, .first_delay = milliseconds(500), .longest_delay = milliseconds(30'000)};

int fail_times(int failures, ErrorKind kind, ManualClock& clock, int& calls,
               const std::stop_token& stop = {}) {
  return with_retries(kPolicy, clock, stop, nullptr, [&] {
    if (++calls <= failures) throw Error(kind, "broken");
    return 42;
  });
}

TEST(RetryDelay, DoublesWithEveryAttempt) {
  EXPECT_EQ(retry_delay(kPolicy, 1, 1), milliseconds(500));
  EXPECT_EQ(retry_delay(kPolicy, 2, 1), milliseconds(1'000));
  EXPECT_EQ(retry_delay(kPolicy, 3, 1), milliseconds(2'000));
  EXPECT_EQ(retry_delay(kPolicy, 7, 1), milliseconds(30'000));
  EXPECT_EQ(retry_delay(kPolicy, 1'000'000, 1), milliseconds(30'000));
}

TEST(RetryDelay, LiesBetweenHalfAndAll) {
  EXPECT_EQ(retry_delay(kPolicy, 2, 0), milliseconds(500));
  EXPECT_EQ(retry_delay(kPolicy, 2, 0.5), milliseconds(750));
  EXPECT_EQ(retry_delay(kPolicy, 20, 0), milliseconds(15'000));
}

TEST(RandomUnit, StaysBelowOne) {
  for (int i = 0; i < 1'000; ++i) {
    const double random = random_unit();

    EXPECT_GE(random, 0);
    EXPECT_LT(random, 1);
  }
}

TEST(WithRetries, TriesAgainAfterTransientErrors) {
  ManualClock clock;
  int calls = 0;

  const int result = fail_times(2, ErrorKind::transient, clock, calls);

  EXPECT_EQ(result, 42);
  EXPECT_EQ(calls, 3);
  ASSERT_EQ(clock.slept.size(), 2U);
  EXPECT_GE(clock.slept[1], milliseconds(500));
}

TEST(WithRetries, GivesUpAndSaysHowOftenItTried) {
  ManualClock clock;
  int calls = 0;

  const Error error = error_of([&] { fail_times(3, ErrorKind::transient, clock, calls); });

  EXPECT_EQ(error.kind(), ErrorKind::transient);
  EXPECT_THAT(error.message(), HasSubstr("broken (tried 3 times)"));
  EXPECT_EQ(calls, 3);
}

TEST(WithRetries, PassesOnWhatIsNotTransient) {
  ManualClock clock;
  int calls = 0;

  EXPECT_THROW(fail_times(1, ErrorKind::corrupt, clock, calls), Error);

  EXPECT_EQ(calls, 1);
  EXPECT_TRUE(clock.slept.empty());
}

// Attempts do not multiply from layer to layer.
TEST(WithRetries, DoesNotTryAgainWhatHasBeenTriedAgainBelow) {
  ManualClock clock;
  int calls = 0;
  int inner_calls = 0;

  const Error error = error_of([&] {
    with_retries(kPolicy, clock, {}, nullptr, [&] {
      ++calls;
      with_context("below", [&] { fail_times(99, ErrorKind::transient, clock, inner_calls); });
    });
  });

  EXPECT_EQ(error.message(), "below: broken (tried 3 times)");
  EXPECT_TRUE(error.is_final());
  EXPECT_EQ(calls, 1);
  EXPECT_EQ(inner_calls, 3);
}

TEST(WithRetries, IsFinalAfterTheOnlyAttemptToo) {
  ManualClock clock;

  const Error error = error_of([&] {
    with_retries({.max_attempts = 1}, clock, {}, nullptr,
                 [] { throw Error(ErrorKind::transient, "broken"); });
  });

  EXPECT_EQ(error.message(), "broken");
  EXPECT_TRUE(error.is_final());
}

TEST(WithRetries, EndsWhenStoppedWhileWaiting) {
  ManualClock clock;
  int calls = 0;
  std::stop_source stop;
  stop.request_stop();

  const Error error = error_of([&] { fail_times(1, ErrorKind::transient, clock, calls, stop.get_token()); });

  EXPECT_EQ(error.kind(), ErrorKind::cancelled);
  EXPECT_EQ(calls, 1);
}

TEST(WithRetries, TellsOfEveryWait) {
  ManualClock clock;
  std::vector<milliseconds> told;
  int calls = 0;

  with_retries(
      kPolicy, clock, {}, [&](const Error&, milliseconds wait) { told.push_back(wait); },
      [&] {
        if (++calls == 1) throw Error(ErrorKind::transient, "broken");
      });

  EXPECT_EQ(told, clock.slept);
  EXPECT_EQ(told.size(), 1U);
}

}  // namespace
}  // namespace hubkeep
