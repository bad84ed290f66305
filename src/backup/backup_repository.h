// Backs up one repository: the steps, in order.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "backup/backup_context.h"
#include "backup/job.h"
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
};

/// `known` is the catalog's entry, nothing for a new repository. A failure is part of the result, which says
/// what was committed before all the same, and what it took.
RepositoryResult backup_repository(const BackupContext& context, const Repository& repository,
                                   const std::optional<CatalogEntry>& known, const StopTokens& stops,
                                   const RepositoryOptions& options = {});

/// Marks a repository that GitHub has no longer: a manifest that names all that the last one named.
RepositoryResult mark_gone(const BackupContext& context, const CatalogEntry& known, const StopTokens& stops);

}  // namespace hubkeep
