// What all repositories of a run share, and what comes out of one of them.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <set>
#include <string>

#include "backup/absences.h"
#include "backup/outcome.h"
#include "backup/part_backup.h"
#include "backup/proof_options.h"
#include "base/retry.h"
#include "github/github.h"
#include "http/clock_watch.h"
#include "remote/git_remote.h"
#include "remote/lfs_remote.h"
#include "vault/vault.h"

namespace hubkeep {

/// Keeps references; all of them are thread-safe.
struct BackupContext {
  Vault& vault;
  GitHub& github;
  GitRemoteOpener open_remote;
  LfsOpener open_lfs = {};  // only where objects of Git LFS are backed up
  PartBackups parts;        // what is backed up of each repository
  Clock& clock;
  BackupObserver& observer;
  std::string program;  // "hubkeep 0.1.0"
  std::string host;     // as in the vault
  std::chrono::hours recheck{7 * 24};
  RetryPolicy retries;
  AbsencePolicy absences = {};
  ProofOptions proof = {};
  /// The newest run into this vault that is known from elsewhere: the vault must know it, too.
  std::optional<CompletedRun> known_run = {};
  /// How far `clock` is ahead of GitHub's, as far as an answer has told.
  std::function<std::chrono::seconds()> clock_ahead = [] { return std::chrono::seconds(0); };

  /// `time`, which `clock` told, by GitHub's clock, where the two are further apart than anything explains.
  UtcTime by_github(UtcTime time) const {
    const std::chrono::seconds ahead = clock_ahead();
    return is_off(ahead) ? time - ahead : time;
  }
  UtcTime now_by_github() const { return by_github(clock.now()); }
};

struct RepositoryResult {
  Outcome outcome;
  std::optional<CatalogUpdate> update;  // what the catalog should learn
  /// Commits that slices of its history have still to ask for, the next one first: the next attempt begins
  /// with them. Empty where the history is whole, or was asked for in one piece.
  std::vector<Oid> open = {};
  /// Keys, as records have them, of objects that its snapshots name and that were in the vault already, of
  /// another repository or a killed run: they may be locked for less long than what it wrote.
  std::set<std::string> found = {};
};

}  // namespace hubkeep
