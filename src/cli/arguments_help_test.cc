#include "cli/arguments_help.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "app/settings_table.h"
#include "base/text.h"

namespace hubkeep {
namespace {

using testing::HasSubstr;
using testing::Not;

// A flag of its own, which has the name of a setting of other commands.
bool has_value_flag(const CommandDefinition& command, const std::string& name) {
  return std::any_of(command.value_flags.begin(), command.value_flags.end(),
                     [&](const ValueFlag& flag) { return flag.name == "--" + name; });
}

TEST(Help, OfACommandNamesItsFlagsAndNoOther) {
  for (const CommandDefinition& command : command_table()) {
    const std::string help = command_help(command);
    for (const SettingDefinition& setting : settings_table()) {
      const std::string line = "\n  --" + flag_name(setting) + (setting.value_name.empty() ? "  " : " ");
      if (has_flag(setting, command.settings)) {
        EXPECT_THAT(help, HasSubstr(line + std::string(setting.value_name)));
      } else if (!has_value_flag(command, flag_name(setting))) {
        EXPECT_THAT(help, Not(HasSubstr(line)));
      }
    }
  }
}

TEST(Help, NamesVariablesAndDefaults) {
  const std::string help = command_help(backup_command());

  EXPECT_THAT(help, HasSubstr("[HUBKEEP_ONLY_OWNER, BACKUP_ONLY_OWNER_REPOS]"));
  EXPECT_THAT(help, HasSubstr("repositories at once, 1 to 64 (default 8)"));
  EXPECT_THAT(help, HasSubstr("TOKEN_GITHUB"));
}

TEST(Help, FitsATerminalOfEightyColumns) {
  std::string all = overview_help();
  for (const CommandDefinition& command : command_table()) all += command_help(command);
  for (const std::string_view line : split(all, '\n')) EXPECT_LE(line.size(), 80U) << line;
}

TEST(Help, ShowsEveryCommandAndTheExitCodes) {
  const std::string help = overview_help();

  for (const CommandDefinition& command : command_table())
    EXPECT_THAT(help, HasSubstr("\n  " + std::string(command.name)));
  EXPECT_THAT(help, HasSubstr("130  interrupted"));
}

}  // namespace
}  // namespace hubkeep
