// A program that runs while the test goes on, to be watched, sent signals, and waited for.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "sim/git_worker.h"

namespace hubkeep {

/// Looks again and again until `condition` holds. False when that did not come about in a minute.
bool wait_until(const std::function<bool()>& condition);

class BackgroundRun {
 public:
  /// Throws Error(internal) when it cannot be started.
  BackgroundRun(const std::vector<std::string>& argv, const sim::RunOptions& options);

  void signal(int number) { process_.signal(number); }
  /// Waits until it has written `text` to its standard error; false when it does not.
  bool wait_for_error_text(const std::string& text);
  /// Waits for its end.
  sim::RunResult finish();

 private:
  sim::FileDescriptor in_ = sim::memory_file();
  sim::FileDescriptor out_ = sim::memory_file();
  sim::FileDescriptor err_ = sim::memory_file();
  sim::ChildProcess process_;
};

}  // namespace hubkeep
