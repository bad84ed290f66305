// The commands, one file each. They print results on standard output, all else on standard error.
#pragma once

#include <stop_token>

#include "app/settings.h"
#include "cli/arguments.h"

namespace hubkeep {

// 0 all good, 1 nothing could be done, 2 wrong usage, 3 some repositories are incomplete or damaged, 130
// interrupted.
enum class ExitCode { ok = 0, nothing_done = 1, usage = 2, incomplete = 3, interrupted = 130 };

/// All throw Error for what leaves nothing done.
ExitCode run_backup_command(const Settings& settings, const std::stop_token& stop);
ExitCode run_list_command(const CommandCall& call, const Settings& settings, const std::stop_token& stop);
ExitCode run_restore_command(const CommandCall& call, const Settings& settings, const std::stop_token& stop);
ExitCode run_verify_command(const CommandCall& call, const Settings& settings, const std::stop_token& stop);
ExitCode run_rebuild_catalog_command(const Settings& settings, const std::stop_token& stop);
ExitCode run_copy_command(const CommandCall& call, const Settings& settings, const std::stop_token& stop);

}  // namespace hubkeep
