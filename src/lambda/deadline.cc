// A thread of its own sleeps until the last call, asks for no new work, sleeps on and stops what still runs.
// Both times leave room to write the catalog and the answer, a fifth and a tenth of what remains at most. The
// time that remains is taken once from the wall clock, in which Lambda states the end, and counted on by the
// steady one.
#include "lambda/deadline.h"

#include <algorithm>
#include <condition_variable>
#include <mutex>

namespace hubkeep {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

// False when the thread is told to end.
bool wait_until(const std::stop_token& ended, std::chrono::steady_clock::time_point time) {
  std::mutex mutex;
  std::condition_variable_any woken;
  std::unique_lock lock(mutex);
  woken.wait_until(lock, ended, time, [] { return false; });
  return !ended.stop_requested();
}

}  // namespace

DeadlinePlan plan_deadline(milliseconds remaining) {
  remaining = std::max(remaining, milliseconds(0));
  const milliseconds last_call = std::min<milliseconds>(seconds(90), remaining / 5);
  const milliseconds stop = std::min<milliseconds>(seconds(45), remaining / 10);
  return {.last_call = remaining - last_call, .stop = remaining - stop};
}

Deadline::Deadline(std::chrono::sys_time<milliseconds> end) {
  const auto begin = std::chrono::steady_clock::now();
  const DeadlinePlan plan =
      plan_deadline(end - std::chrono::time_point_cast<milliseconds>(std::chrono::system_clock::now()));
  thread_ = std::jthread([this, begin, plan](const std::stop_token& ended) {
    if (!wait_until(ended, begin + plan.last_call)) return;
    last_call_.request_stop();
    if (!wait_until(ended, begin + plan.stop)) return;
    stop_.request_stop();
  });
}

}  // namespace hubkeep
