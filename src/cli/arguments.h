// What stands on the command line, taken apart but not yet believed: values are checked by load_settings().
#pragma once

#include <filesystem>
#include <string>
#include <variant>
#include <vector>

#include "app/settings.h"

namespace hubkeep {

enum class RestoreForm { work_tree, bare, mirror };

/// A command to run. What the command line does not have, or the command does not take, is empty.
struct CommandCall {
  Command command = Command::backup;
  FlagValues flags;                       // settings only
  std::vector<std::string> repositories;  // "owner/name": one of list and restore, any of verify and copy
  std::filesystem::path folder;           // of restore
  std::string copy_from;                  // vaults, of copy
  std::string copy_to;
  bool all = false;                           // restore every repository of the vault below `folder`
  RestoreForm form = RestoreForm::work_tree;  // of restore
};

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
std::string usage_hint(Command command);

}  // namespace hubkeep
