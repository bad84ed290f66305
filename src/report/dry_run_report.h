// What a dry run tells, to people and to programs.
#pragma once

#include <string>

#include "run/dry_run.h"

namespace hubkeep {

/// A line for each repository that has something to do, and what all of it comes to; printable. Pure.
std::string describe(const DryRun& run);

/// Everything, those that have nothing to do too. Pure.
std::string to_json_text(const DryRun& run);

}  // namespace hubkeep
