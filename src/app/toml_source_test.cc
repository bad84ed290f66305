#include "app/toml_source.h"

#include <gtest/gtest.h>

#include "base/error.h"

namespace hubkeep {
namespace {

std::string refusal(std::string_view text) {
  try {
    parse_toml(text);
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::invalid);
    return error.message();
  }
  return "accepted";
}

TEST(Toml, ReadsStringsBooleansIntegersAndLists) {
  const TomlValues values = parse_toml(
      "to = \"a # b\"  # comment\n"
      "only-owner = true\n"
      "jobs = 4\n"
      "user = [\n  'octocat', # first\n  'hubot',\n]\n"
      "org = []\n");

  ASSERT_EQ(values.size(), 5U);
  EXPECT_EQ(values.at("to").items, std::vector<std::string>{"a # b"});
  EXPECT_FALSE(values.at("to").is_array);
  EXPECT_EQ(values.at("only-owner").items, std::vector<std::string>{"true"});
  EXPECT_EQ(values.at("jobs").items, std::vector<std::string>{"4"});
  EXPECT_EQ(values.at("user").items, (std::vector<std::string>{"octocat", "hubot"}));
  EXPECT_TRUE(values.at("org").is_array);
  EXPECT_TRUE(values.at("org").items.empty());
}

TEST(Toml, NamesTheLineOfWhatItCannotRead) {
  EXPECT_TRUE(refusal("jobs = 4\nto = \n").starts_with("line 2: ")) << refusal("jobs = 4\nto = \n");
  EXPECT_TRUE(refusal("jobs = 4\njobs = 5\n").starts_with("line 2: "));
}

TEST(Toml, RefusesValuesThatNoSettingHas) {
  EXPECT_EQ(refusal("[vault]\nto = 'x'\n"), "line 1: 'vault' is a table; settings stand outside of tables");
  EXPECT_EQ(refusal("\njobs = 1.5\n"),
            "line 2: 'jobs' is neither a string, a boolean, a whole number nor a list");
  EXPECT_EQ(refusal("user = [['a']]\n"),
            "line 1: 'user' is neither a string, a boolean, a whole number nor a list");
  EXPECT_EQ(refusal("to = \"a\\u0000b\"\n"), "line 1: 'to' holds a NUL byte");
}

TEST(Toml, EscapesWhatATerminalWouldObey) {
  EXPECT_EQ(refusal("\"\\u001b[31m\" = 1.5"),
            "line 1: '\\x1b[31m' is neither a string, a boolean, a whole number nor a list");
}

}  // namespace
}  // namespace hubkeep
