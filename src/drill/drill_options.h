// What a drill is to do, with what, and who is told.
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "base/retry.h"
#include "base/run_observer.h"
#include "drill/drill_record.h"
#include "github/github.h"
#include "remote/git_remote.h"

namespace hubkeep {

/// GitHub as it is now. What is referred to outlives the drill.
struct GitHubNow {
  GitHub& github;
  const GitRemoteOpener& open_remote;
  RetryPolicy retries = {};
};

struct DrillOptions {
  std::vector<std::string> repositories = {};  // as a user names them; none: the drill chooses
  bool all = false;                            // it takes them all
  std::size_t count = 3;                       // that it chooses
  std::uint64_t seed = 0;
  std::filesystem::path temp_dir;     // where it restores
  const GitHubNow* github = nullptr;  // to compare with; none: it does not
  std::string program;                // "hubkeep 0.1.0"
  /// A steady clock.
  std::function<std::chrono::milliseconds()> elapsed;
};

/// Told from the thread that drills.
class DrillObserver : public RunObserver {
 public:
  virtual void finished(const DrillOutcome& outcome) = 0;
};

}  // namespace hubkeep
