// The check out of repositories that libgit2 cannot read: `git` hands over the trees and writes the files,
// and goes on past one that cannot be written; which those are is seen in the folder.
#pragma once

#include <filesystem>
#include <stop_token>

#include "localgit/check_out_report.h"
#include "localgit/work_tree_limits.h"

namespace hubkeep {

/// See check_out(). SHA-256. HEAD is born.
CheckOutReport check_out_by_git(const std::filesystem::path& folder, const std::stop_token& stop,
                                const WorkTreeLimits& limits);

}  // namespace hubkeep
