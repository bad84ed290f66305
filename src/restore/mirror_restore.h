// The history of a snapshot as a bare repository, for who makes something else of it.
#pragma once

#include <filesystem>

#include "git/ref.h"
#include "restore/part_restore.h"

namespace hubkeep {

/// Restores every ref, as GitHub had them, into `folder`, which does not exist; returns what it has. Throws
/// Error as restore_repository() does.
RefState restore_mirror(const PartRestoreWork& work, const std::filesystem::path& folder);

}  // namespace hubkeep
