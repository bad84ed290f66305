#include "cli/command_table.h"

#include <gtest/gtest.h>

#include <set>

#include "app/settings_table.h"
#include "base/error.h"

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
        Case{"from", "list restore export verify drill rebuild-catalog show ls cat log "},
        Case{"at", "restore export show ls cat log "},
        Case{"json",
             "backup list restore export verify drill doctor rebuild-catalog copy show ls cat log diff "}}) {
    std::string commands;
    for (const CommandDefinition& command : command_table())
      if (has_flag(setting_named(c.name), command.settings)) commands += std::string(command.name) + " ";
    EXPECT_EQ(commands, c.commands) << c.name;
  }
}

TEST(CommandTable, OfAnExportTakesARepositoryAFolderAndAFormat) {
  const auto* command = find_command("export");
  const auto taken = [&](const std::vector<std::string>& arguments, const std::string& format) {
    CommandCall call{.command = command};
    if (!format.empty()) call.values["--format"] = format;
    command->take(call, arguments);
    return call.repositories.at(0) + " " + call.words.at(0);
  };

  EXPECT_EQ(taken({"acme/site", "out"}, "gitea"), "acme/site out");
  EXPECT_THROW(taken({"acme/site"}, "gitea"), Error);
  EXPECT_THROW(taken({"acme/site", ""}, "gitea"), Error);
  EXPECT_THROW(taken({"acme/site", "out"}, ""), Error);
  EXPECT_THROW(taken({"acme/site", "out"}, "yaml"), Error);
}

}  // namespace
}  // namespace hubkeep
