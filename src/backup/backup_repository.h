// Backs up one repository: the steps, in order.
#pragma once

#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "backup/backup_context.h"
#include "github/github.h"

namespace hubkeep {

struct RepositoryOptions {
  /// Keys of objects, relative to its folder, that verify found lost or damaged. Then a new snapshot is made
  /// that needs none of them and says that they are lost.
  std::vector<std::string> lost = {};
  /// Keys of objects that an earlier repair gave up: whatever lies there now, nothing is built on it.
  std::vector<std::string> given_up = {};
  /// What is to be fetched is fetched in slices at once: in one piece it did not arrive in the time there is.
  bool in_slices = false;
  /// Its name on GitHub at this moment, nothing when it cannot be seen. Asked long after the listing, where
  /// the server shows nothing that the vault knows: another repository may have taken the name.
  std::function<std::optional<std::string>()> name_now = {};
};

/// `known` is the catalog's entry, nothing for a new repository; `result.outcome` names the repository.
/// Throws Error; `result` then says what was committed before all the same, and what it took.
void backup_repository(const BackupContext& context, const Repository& repository,
                       const std::optional<CatalogEntry>& known, const std::stop_token& stop,
                       RepositoryResult& result, const RepositoryOptions& options = {});

/// Marks a repository that GitHub has no longer: a manifest that names all that the last one named.
void mark_gone(const BackupContext& context, const CatalogEntry& known, const std::stop_token& stop,
               RepositoryResult& result);

}  // namespace hubkeep
