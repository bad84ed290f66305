// Lambda kills a function at its deadline without a word: what is to be kept must be kept before.
#pragma once

#include <chrono>
#include <stop_token>
#include <thread>

#include "run/workers.h"

namespace hubkeep {

struct DeadlinePlan {
  std::chrono::milliseconds last_call;  // from now on: nothing new is begun
  std::chrono::milliseconds stop;       // what is under way ends; the rest is for catalog, report and answer
};

/// 90 and 45 seconds before the end, or a fifth and a tenth of the time where there is less. Pure.
DeadlinePlan plan_deadline(std::chrono::milliseconds remaining);

/// Requests the stops when it is time. Ends its thread when it is destroyed.
class Deadline {
 public:
  explicit Deadline(std::chrono::sys_time<std::chrono::milliseconds> end);

  StopTokens stops() const { return {.stop = stop_.get_token(), .last_call = last_call_.get_token()}; }
  const std::stop_token stop() const { return stop_.get_token(); }

 private:
  std::stop_source last_call_;
  std::stop_source stop_;
  std::jthread thread_;
};

}  // namespace hubkeep
