// Backs up one repository: the steps, in order.
#pragma once

#include <chrono>
#include <optional>
#include <stop_token>
#include <string>

#include "backup/outcome.h"
#include "http/retry.h"
#include "remote/git_remote.h"
#include "vault/vault.h"

namespace hubkeep {

/// What all repositories of a run share. Keeps references; all of them are thread-safe.
struct BackupContext {
  Vault& vault;
  GitRemoteOpener open_remote;
  Clock& clock;
  BackupObserver& observer;
  std::string program;  // "hubkeep 0.1.0"
  std::string host;     // as in the vault
  std::chrono::hours recheck{7 * 24};
  RetryPolicy retries;
};

struct RepositoryResult {
  Outcome outcome;
  std::optional<CatalogUpdate> update;  // what the catalog should learn
};

/// `known` is the catalog's entry, nothing for a new repository. Throws Error; then nothing refers to what
/// was written.
RepositoryResult backup_repository(const BackupContext& context, const Repository& repository,
                                   const std::optional<CatalogEntry>& known, const std::stop_token& stop);

/// Marks a repository that GitHub has no longer: a manifest that names all that the last one named.
RepositoryResult mark_gone(const BackupContext& context, const CatalogEntry& known,
                           const std::stop_token& stop);

}  // namespace hubkeep
