// The texts of --help, made from the tables of commands and settings.
#pragma once

#include <string>

#include "cli/command_table.h"

namespace hubkeep {

/// What `hubkeep --help` prints.
std::string overview_help();
/// What `hubkeep backup --help` prints.
std::string command_help(const CommandDefinition& command);

}  // namespace hubkeep
