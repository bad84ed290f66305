// The texts of --help, made from the settings table.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "app/settings_table.h"

namespace hubkeep {

/// A flag that says how to run a command once, and is no setting: it takes no value.
struct PlainFlag {
  std::string_view name;
  std::string_view help;
};

const std::vector<PlainFlag>& plain_flags(Command command);

/// What `hubkeep --help` prints.
std::string overview_help();
/// What `hubkeep backup --help` prints.
std::string command_help(Command command);

}  // namespace hubkeep
