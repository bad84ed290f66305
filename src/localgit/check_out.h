// The files of HEAD in the folder of a repository, as `git clone` writes them, but that one file which cannot
// be written costs no other: hubkeep reads trees and writes files and index itself. libgit2 gives up at the
// first, and reads .gitmodules, which need not be sound.
#pragma once

#include <filesystem>
#include <stop_token>

#include "git/ref.h"
#include "localgit/check_out_report.h"
#include "localgit/work_tree_limits.h"

namespace hubkeep {

/// `folder` holds a repository with a work tree, which is empty, and all objects of `state`. Nothing is done
/// when HEAD is unborn. .gitattributes and line endings as git does them by default; submodules are empty
/// folders; hooks and filters of the user's configuration are not run. SHA-256 needs git. Throws Error:
/// cancelled, internal (the disk is full or fails, or the repository itself cannot be opened).
CheckOutReport check_out(const std::filesystem::path& folder, const RefState& state,
                         const std::stop_token& stop, const WorkTreeLimits& limits = {});

}  // namespace hubkeep
