// What all repositories of a run share, and what comes out of one of them.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "backup/absences.h"
#include "backup/outcome.h"
#include "http/retry.h"
#include "remote/git_remote.h"
#include "vault/vault.h"

namespace hubkeep {

/// Keeps references; all of them are thread-safe.
struct BackupContext {
  Vault& vault;
  GitRemoteOpener open_remote;
  Clock& clock;
  BackupObserver& observer;
  std::string program;  // "hubkeep 0.1.0"
  std::string host;     // as in the vault
  std::chrono::hours recheck{7 * 24};
  RetryPolicy retries;
  AbsencePolicy absences = {};
  /// The newest run into this vault that is known from elsewhere: the vault must know it, too.
  std::optional<CompletedRun> known_run = {};
};

struct RepositoryResult {
  Outcome outcome;
  std::optional<CatalogUpdate> update;  // what the catalog should learn
};

}  // namespace hubkeep
