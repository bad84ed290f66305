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

/// Why git did not write all that it can: it did not come to its end, or left half a file.
struct GitFailure {
  std::string why;
  bool is_of_disk = false;  // it is full or fails, so no other file can be written either
};

/// Writes `entries`, which the index has, into folders that are there, and tells the index what they have
/// become. Reports those that could not be encoded as .gitattributes ask for. What is not there afterwards
/// and is no failure, git cannot write. Throws Error(cancelled).
std::optional<GitFailure> write_files_by_git(const std::filesystem::path& folder,
                                             const std::vector<PlannedEntry>& entries, CheckOutReport& report,
                                             const std::stop_token& stop);

/// Tells the index of what has come or been moved since. Where there is no git, git's first command does.
void renew_index(const std::filesystem::path& folder, const std::stop_token& stop);

/// Notes what git stumbles over in .gitmodules.
void look_at_gitmodules_by_git(const std::filesystem::path& folder, CheckOutReport& report,
                               const std::stop_token& stop);

}  // namespace hubkeep
