// What stands on the command line, taken apart but not yet believed: values are checked by load_settings().
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "cli/command_table.h"

namespace hubkeep {

/// `text` belongs on standard output; exit code 0.
struct HelpRequest {
  std::string text;
};

/// The version belongs on standard output; exit code 0.
struct VersionRequest {};

/// Both are one printable line for standard error; exit code 2.
struct UsageError {
  std::string message;  // never holds the value of a secret
  std::string hint;     // the command that helps: "hubkeep backup --help"
};

using Arguments = std::variant<CommandCall, HelpRequest, VersionRequest, UsageError>;

/// Takes what main() was given. Does not throw for anything that a user can type.
Arguments parse_arguments(int argc, const char* const* argv);

/// "hubkeep backup --help", for errors that load_settings() throws.
std::string usage_hint(const CommandDefinition& command);

/// The reverse: "hubkeep verify --from /srv/vault --read-data acme/site", ready for a shell. `command` is in
/// the table; flags that it does not take are left out.
std::string command_line(std::string_view command, const FlagValues& flags,
                         const std::vector<std::string>& repositories = {});

}  // namespace hubkeep
