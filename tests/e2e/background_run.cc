#include "e2e/background_run.h"

#include <chrono>
#include <thread>

namespace hubkeep {
namespace {

constexpr std::chrono::minutes kPatience{1};
constexpr std::chrono::milliseconds kPause{2};

sim::ChildOptions child_options(const std::vector<std::string>& argv, const sim::RunOptions& options) {
  sim::ChildOptions child{.argv = argv, .cwd = options.cwd, .env = options.env};
  child.env.merge(sim::git_environment());
  return child;
}

}  // namespace

bool wait_until(const std::function<bool()>& condition) {
  const auto deadline = std::chrono::steady_clock::now() + kPatience;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::sleep_for(kPause);
  }
  return true;
}

BackgroundRun::BackgroundRun(const std::vector<std::string>& argv, const sim::RunOptions& options)
    : process_(child_options(argv, options), in_, out_, err_) {}

bool BackgroundRun::wait_for_error_text(const std::string& text) {
  return wait_until([&] { return sim::read_whole(err_).find(text) != std::string::npos; });
}

sim::RunResult BackgroundRun::finish() {
  const int exit_code = process_.wait();
  return {.exit_code = exit_code, .out = sim::read_whole(out_), .err = sim::read_whole(err_)};
}

}  // namespace hubkeep
