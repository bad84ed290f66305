// `git fsck` on a restored repository, and what its answer means.
#pragma once

#include <filesystem>
#include <stop_token>
#include <string>
#include <vector>

#include "base/subprocess.h"
#include "drill/drill_record.h"

namespace hubkeep {

struct FsckAnswer {
  FsckResult result = FsckResult::not_run;
  std::vector<std::string> lines = {};  // printable: what it said, the first of it
};

/// Many old histories have objects that git would not write today: "error in commit …: missingEmail". GitHub
/// has them just so, and whoever clones gets them; they are told, and are no problem. Pure.
FsckAnswer judge_fsck(int exit_code, const std::string& errors);

/// `git fsck --full`, which reads every object and follows every link. `not_run` where there is no git.
/// Throws Error: cancelled, internal (the machine is to blame).
FsckAnswer run_fsck(const std::filesystem::path& repository, const std::stop_token& stop);

}  // namespace hubkeep
