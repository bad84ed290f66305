// The table of all commands: what the command line, the help and main() know of each. A new command is a row
// here, and a file of its own that has all the rest: its texts, its arguments, and what it does.
#pragma once

#include <limits>
#include <map>
#include <set>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "app/settings.h"

namespace hubkeep {

// 0 all good, 1 nothing could be done, 2 wrong usage, 3 some repositories are incomplete or damaged, 130
// interrupted.
enum class ExitCode { ok = 0, nothing_done = 1, usage = 2, incomplete = 3, interrupted = 130 };

/// A flag that says how to run a command once, and is no setting: it takes no value.
struct PlainFlag {
  std::string_view name;
  std::string_view help;
};

/// A flag that takes a value and is no setting: no file or variable says it.
struct ValueFlag {
  std::string_view name;  // with its dashes
  std::string_view value_name;
  std::string_view help;
};

struct CommandDefinition;

/// A command to run. What the command line does not have, or the command does not take, is empty.
struct CommandCall {
  const CommandDefinition* command = nullptr;
  FlagValues flags;                                        // settings only
  std::set<std::string, std::less<>> plain_flags;          // without dashes
  std::map<std::string, std::string, std::less<>> values;  // of value flags, with their dashes
  std::vector<std::string> repositories;                   // "owner/name"
  std::vector<std::string> vaults;                         // beside those that flags name
  std::vector<std::string> words;                          // all other arguments

  bool has(std::string_view plain_flag) const { return plain_flags.contains(plain_flag); }
  /// Empty: it was not given.
  std::string value(std::string_view value_flag) const {
    const auto found = values.find(value_flag);
    return found == values.end() ? "" : found->second;
  }
};

constexpr std::size_t kAnyNumber = std::numeric_limits<std::size_t>::max();

struct CommandDefinition {
  std::string_view name;
  Command settings;        // whose settings it takes
  std::string_view usage;  // lines, the second and later ones indented
  std::string_view summary;
  std::string_view story;
  std::string_view examples;  // lines, indented
  std::vector<PlainFlag> plain_flags = {};
  std::vector<ValueFlag> value_flags = {};
  std::size_t max_arguments = 0;
  /// Puts the arguments where they belong in a call that has its flags already. Throws Error(invalid) for
  /// wrong usage. Null: each argument is a repository.
  void (*take)(CommandCall& call, const std::vector<std::string>& arguments) = nullptr;
  /// Prints results on standard output, all else on standard error. Throws Error for what leaves nothing
  /// done.
  ExitCode (*run)(const CommandCall& call, const Settings& settings, const std::stop_token& stop) = nullptr;
};

// The rows, each in the file of its command.
CommandDefinition backup_command();
CommandDefinition list_command();
CommandDefinition restore_command();
CommandDefinition export_command();
CommandDefinition verify_command();
CommandDefinition drill_command();
CommandDefinition doctor_command();
CommandDefinition rebuild_catalog_command();
CommandDefinition copy_command();
CommandDefinition show_command();
CommandDefinition ls_command();
CommandDefinition cat_command();
CommandDefinition log_command();
CommandDefinition diff_command();

/// In the order of the help.
const std::vector<CommandDefinition>& command_table();

/// Null: there is no command of that name.
const CommandDefinition* find_command(std::string_view name);

}  // namespace hubkeep
