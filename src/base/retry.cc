#include "base/retry.h"

#include <algorithm>
#include <random>

namespace hubkeep {

// Half of the delay is random, so that many threads that failed together do not come back together.
std::chrono::milliseconds retry_delay(const RetryPolicy& policy, int attempt, double random) {
  auto doubled = policy.first_delay;
  for (int i = 1; i < attempt && doubled < policy.longest_delay; ++i) doubled *= 2;
  const auto half = std::min(doubled, policy.longest_delay) / 2;
  return half + std::chrono::duration_cast<std::chrono::milliseconds>(half * random);
}

// These are final answers, if they are true: one more look, and not a series of attempts.
bool is_worth_a_second_look(ErrorKind kind) {
  return kind == ErrorKind::unauthorized || kind == ErrorKind::forbidden || kind == ErrorKind::not_found ||
         kind == ErrorKind::invalid || kind == ErrorKind::corrupt;
}

bool is_worth_another_try(const Error& error) {
  const ErrorKind kind = error.kind();
  return !error.is_final() &&
         (kind == ErrorKind::transient || kind == ErrorKind::refused || kind == ErrorKind::gave_up);
}

double random_unit() {
  thread_local std::mt19937_64 generator{std::random_device{}()};
  return std::uniform_real_distribution<double>(0, 1)(generator);
}

}  // namespace hubkeep
