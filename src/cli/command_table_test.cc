#include "cli/command_table.h"

#include <gtest/gtest.h>

#include <set>

#include "app/settings_table.h"

namespace hubkeep {
namespace {

TEST(CommandTable, SaysAllOfEachCommand) {
  std::set<std::string_view> names;
  for (const CommandDefinition& command : command_table()) {
    EXPECT_TRUE(names.insert(command.name).second) << command.name;
    for (const std::string_view text : {command.usage, command.summary, command.story, command.examples})
      EXPECT_FALSE(text.empty()) << command.name;
    EXPECT_NE(command.run, nullptr) << command.name;
    EXPECT_TRUE(command.usage.starts_with("hubkeep " + std::string(command.name))) << command.name;
    EXPECT_EQ(find_command(command.name), &command);
  }
  EXPECT_EQ(find_command("frobnicate"), nullptr);
}

TEST(CommandTable, GivesEachCommandItsFlags) {
  struct Case {
    std::string name;
    std::string commands;
  };
  for (const Case& c :
       {Case{"user", "backup "}, Case{"to", "backup doctor "},
        Case{"from", "list restore verify drill rebuild-catalog show ls cat log "},
        Case{"at", "restore show ls cat log "},
        Case{"json", "backup list restore verify drill doctor rebuild-catalog copy show ls cat log diff "}}) {
    std::string commands;
    for (const CommandDefinition& command : command_table())
      if (has_flag(setting_named(c.name), command.settings)) commands += std::string(command.name) + " ";
    EXPECT_EQ(commands, c.commands) << c.name;
  }
}

}  // namespace
}  // namespace hubkeep
