// Whether a folder is what a restore of a snapshot leaves behind: then another one has nothing to do there.
#pragma once

#include <filesystem>
#include <functional>

#include "git/ref.h"
#include "localgit/repository_builder.h"

namespace hubkeep {

/// Refs and HEAD are in `folder` as a restore writes them, and nobody has changed one since. A repository
/// gets its name when it is whole, so its history is there as well; of the files of a work tree nothing is
/// said. `read_state` is called only where there is a repository.
bool is_restored(const std::filesystem::path& folder, RepositoryKind kind,
                 const std::function<RefState()>& read_state);

}  // namespace hubkeep
