// Files written by `git`, which goes on past one that it cannot write, from an index that is ours. And the
// trees of HEAD by `git`, of repositories that libgit2 cannot read.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "localgit/check_out_report.h"
#include "localgit/work_tree_limits.h"
#include "localgit/work_tree_plan.h"

namespace hubkeep {

/// Tells `met` of each tree. Nothing where git cannot read them, which is reported. Throws Error(cancelled).
std::optional<std::vector<PlannedEntry>> plan_by_git(const std::filesystem::path& folder,
                                                     const std::function<void(const Oid&)>& met,
                                                     CheckOutReport& report, const WorkTreeLimits& limits,
                                                     const std::stop_token& stop);

/// Writes `entries`, which the index has, into folders that are there, and tells the index what they have
/// become. Reports those that could not be encoded as .gitattributes ask for. Returns why git did not come to
/// its end, and nothing when it did: then it has written all that it can. Throws Error: cancelled, internal
/// (the disk is full or fails).
std::optional<std::string> write_files_by_git(const std::filesystem::path& folder,
                                              const std::vector<PlannedEntry>& entries,
                                              CheckOutReport& report, const std::stop_token& stop);

/// Notes what git stumbles over in .gitmodules.
void look_at_gitmodules_by_git(const std::filesystem::path& folder, CheckOutReport& report,
                               const std::stop_token& stop);

}  // namespace hubkeep
