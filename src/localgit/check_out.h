// The files of HEAD in the folder of a repository, as `git clone` writes them, but that one file which cannot
// be written costs no other: hubkeep reads the trees and decides which names may be files, git writes them.
// Where there is no git, hubkeep writes them itself.
#pragma once

#include <filesystem>
#include <stop_token>

#include "git/ref.h"
#include "localgit/check_out_report.h"
#include "localgit/work_tree_limits.h"

namespace hubkeep {

/// `folder` holds a repository with a work tree, which is empty, and all objects of `state`. Nothing is done
/// when HEAD is unborn. .gitattributes and line endings as git does them by default; submodules are empty
/// folders; no hook, filter or setting of the user's, the machine's or the repository's is heard. SHA-256
/// needs git. Where a ref below refs/replace stands for an object of HEAD's, it is kept and put out of
/// effect, as it has none in a clone. Throws Error: cancelled, internal (the disk is full or fails, or the
/// repository itself cannot be opened).
CheckOutReport check_out(const std::filesystem::path& folder, const RefState& state,
                         const std::stop_token& stop, const WorkTreeLimits& limits = {});

}  // namespace hubkeep
