// When to try again, and after how long: pure functions over what came back.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>

#include "base/clock.h"
#include "base/error.h"

namespace hubkeep {

struct RetryPolicy {
  int max_attempts = 5;                        // the first one counted
  std::chrono::milliseconds first_delay{500};  // doubles with every attempt
  std::chrono::milliseconds longest_delay{30'000};
};

/// Before what a server says is believed when it would end the work on something: a refusal, "not found", an
/// empty list. Each comes once by mistake, and then everything after it would be wrong.
inline constexpr std::chrono::milliseconds kSecondLook{1000};

/// Whether an Error of that kind is such an answer: final, but for a mistake.
bool is_worth_a_second_look(ErrorKind kind);

/// The wait before attempt `attempt` + 1 (attempts count from 1), "equal jitter": between half of the doubled
/// delay and all of it, as `random` (0 to 1) says.
std::chrono::milliseconds retry_delay(const RetryPolicy& policy, int attempt, double random);

/// A number in [0, 1) for the jitter; thread-safe.
double random_unit();

/// Whether the same may succeed a moment later.
bool is_worth_another_try(const Error& error);

/// Runs `action` until it succeeds, its Error is none that is worth another try, or the attempts are used up:
/// then the last Error goes on as final, with the number of attempts in its message. `on_retry` is told
/// before each wait.
template <typename Action>
auto with_retries(const RetryPolicy& policy, Clock& clock, const std::stop_token& stop,
                  const std::function<void(const Error&, std::chrono::milliseconds)>& on_retry,
                  Action&& action) -> decltype(action()) {
  for (int attempt = 1;; ++attempt) {
    try {
      return action();
    } catch (const Error& error) {
      if (!is_worth_another_try(error)) throw;
      if (attempt >= policy.max_attempts) throw error.after_attempts(attempt);
      const auto delay = retry_delay(policy, attempt, random_unit());
      if (on_retry) on_retry(error, delay);
      clock.sleep(delay, stop);
    }
  }
}

}  // namespace hubkeep
