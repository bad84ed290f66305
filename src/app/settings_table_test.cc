#include "app/settings_table.h"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <set>

#include "app/env_file_source.h"
#include "base/subprocess.h"

namespace hubkeep {
namespace {

const SettingDefinition& row(std::string_view name) {
  for (const SettingDefinition& setting : settings_table())
    if (setting.name == name) return setting;
  throw std::out_of_range(std::string(name));
}

std::vector<std::string> variables(std::string_view name) {
  std::vector<std::string> names;
  for (const EnvironmentName& variable : environment_names(row(name)))
    names.push_back(variable.name + (variable.names_file ? " (file)" : ""));
  return names;
}

TEST(SettingsTable, HasEverythingThatARowNeeds) {
  for (const SettingDefinition& setting : settings_table()) {
    EXPECT_FALSE(setting.help.empty()) << setting.name;
    EXPECT_FALSE(setting.group.empty()) << setting.name;
    EXPECT_EQ(setting.value_name.empty(), setting.type == SettingType::boolean) << setting.name;
    EXPECT_NE(setting.used_by, 0U) << setting.name;
    EXPECT_NE(setting.store, nullptr) << setting.name;
  }
}

TEST(SettingsTable, HasNoFlagOrVariableTwice) {
  std::set<std::string> seen;
  for (const SettingDefinition& setting : settings_table()) {
    EXPECT_TRUE(seen.insert(flag_name(setting)).second) << flag_name(setting);
    for (const EnvironmentName& variable : environment_names(setting))
      EXPECT_TRUE(seen.insert(variable.name).second) << variable.name;
  }
}

TEST(SettingsTable, DerivesNames) {
  EXPECT_EQ(flag_name(row("only-owner")), "only-owner");
  EXPECT_EQ(toml_key(row("only-owner")), "only-owner");
  EXPECT_EQ(variables("only-owner"),
            (std::vector<std::string>{"HUBKEEP_ONLY_OWNER", "BACKUP_ONLY_OWNER_REPOS"}));
  EXPECT_EQ(flag_name(row("token")), "token-file");
  EXPECT_EQ(toml_key(row("token")), "token-file");
  EXPECT_EQ(variables("token"), (std::vector<std::string>{"HUBKEEP_TOKEN", "HUBKEEP_TOKEN_FILE (file)",
                                                          "TOKEN_GITHUB", "GITHUB_TOKEN", "GH_TOKEN"}));
  EXPECT_EQ(toml_key(row("config")), "");
}

TEST(SettingsTable, HasNoSecretThatAProgramInherits) {
  for (const SettingDefinition& setting : settings_table()) {
    if (!is_secret(setting.type)) continue;
    for (const EnvironmentName& variable : environment_names(setting))
      EXPECT_TRUE(may_hold_secret(variable.name)) << variable.name;
  }
}

TEST(SettingsTable, GivesACommandSettingsWithoutAFlag) {
  EXPECT_TRUE(is_used_by(row("to"), Command::restore));
  EXPECT_FALSE(has_flag(row("to"), Command::restore));
}

TEST(SettingsTable, KnowsEveryNameInTheExampleFile) {
  std::ifstream file(HUBKEEP_SOURCE_DIR "/.env.example");
  std::string text{std::istreambuf_iterator<char>(file), {}};
  std::set<std::string> known;
  for (const SettingDefinition& setting : settings_table())
    for (const EnvironmentName& variable : environment_names(setting)) known.insert(variable.name);
  // The names that are commented out count too: people take the sign away.
  for (std::size_t at = 0; (at = text.find("\n#", at)) != std::string::npos;)
    if (text.compare(at + 2, 1, " ") != 0)
      text.erase(at + 1, 1);
    else
      ++at;

  const Environment example = parse_env_file(text);

  EXPECT_GE(example.size(), 4U);
  for (const auto& [name, value] : example) EXPECT_TRUE(known.contains(name)) << name;
}

}  // namespace
}  // namespace hubkeep
