// Backs up one repository: the steps, in order.
#pragma once

#include <optional>

#include "backup/backup_context.h"
#include "backup/job.h"
#include "backup/repository_options.h"
#include "backup/share.h"
#include "github/github.h"

namespace hubkeep {

/// `known` is the catalog's entry, nothing for a new repository. A failure is part of the result, which says
/// what was committed before all the same, and what it took.
RepositoryResult backup_repository(const BackupContext& context, const Repository& repository,
                                   const std::optional<CatalogEntry>& known, const StopTokens& stops,
                                   const RepositoryOptions& options = {});

/// Stores a share of the files that its newest snapshot lacks, and makes no snapshot: another worker does
/// that when all shares have come to an end. A failure is part of the result.
RepositoryResult fetch_share(const BackupContext& context, const Repository& repository,
                             const std::optional<CatalogEntry>& known, const Share& share,
                             const StopTokens& stops);

/// Marks a repository that GitHub has no longer: a manifest that names all that the last one named.
RepositoryResult mark_gone(const BackupContext& context, const CatalogEntry& known, const StopTokens& stops);

}  // namespace hubkeep
