// What the commands that look into a repository share.
#pragma once

#include <memory>
#include <string>

#include "app/wiring.h"
#include "cli/command_table.h"

namespace hubkeep {

/// "3 requests, 1.2 MiB read", on standard error.
void tell_traffic(const VaultToBrowse& opened);

/// OWNER/NAME, then perhaps a path. Throws Error(invalid) where the first is missing.
void take_repository_and_path(CommandCall& call, const std::vector<std::string>& arguments);
std::string path_of(const CommandCall& call);

/// The flag that names a branch, tag or commit.
ValueFlag ref_flag();

}  // namespace hubkeep
