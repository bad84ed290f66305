// A restore exercise: some repositories of a vault are restored, by the vault alone, looked at, timed, and
// removed again. What came of it is kept in the vault, for the next drill and for whoever asks.
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <stop_token>
#include <string>
#include <vector>

#include "base/retry.h"
#include "base/run_observer.h"
#include "drill/drill_record.h"
#include "github/github.h"
#include "remote/git_remote.h"
#include "vault/vault.h"

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

/// One repository after the other, so that each has the machine for itself while its time is taken. A vault
/// that cannot be written to gives the result all the same; that it was not kept is told. Throws Error:
/// cancelled before anything was begun, not_found where the vault has nothing to restore, and what
/// find_repository() and Vault::load_catalog() throw.
DrillReport drill_vault(Vault& vault, Clock& clock, const DrillOptions& options, DrillObserver& observer,
                        const std::stop_token& stop);

}  // namespace hubkeep
