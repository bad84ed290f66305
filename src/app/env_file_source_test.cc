#include "app/env_file_source.h"

#include <gtest/gtest.h>

#include "base/error.h"

namespace hubkeep {
namespace {

std::string refusal(std::string_view text) {
  try {
    parse_env_file(text);
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::invalid);
    return error.message();
  }
  return "accepted";
}

TEST(EnvFile, ReadsOneValueOfEachForm) {
  struct Case {
    std::string line;
    std::string value;
  };
  const std::vector<Case> cases = {{"KEY=value", "value"},
                                   {"KEY=", ""},
                                   {"  KEY = value  ", "value"},
                                   {"export KEY=value", "value"},
                                   {"export\tKEY=value", "value"},
                                   {"KEY=two words", "two words"},
                                   {"KEY=a=b", "a=b"},
                                   {"KEY=value # comment", "value"},
                                   {"KEY=value\t# comment", "value"},
                                   {"KEY=va#lue", "va#lue"},
                                   {"KEY=#value", "#value"},
                                   {"KEY= # comment", ""},
                                   {"KEY='a # b'", "a # b"},
                                   {"KEY='a\\n$b'", "a\\n$b"},
                                   {R"(KEY="a\n\t\r\"b\"\\")", "a\n\t\r\"b\"\\"},
                                   {R"(KEY="a\$b")", R"(a\$b)"},
                                   {"KEY=\"value\" # comment", "value"},
                                   {"KEY=\"\"", ""},
                                   {"KEY=\"two\nlines\"", "two\nlines"},
                                   {"KEY=it's", "it's"}};
  for (const Case& c : cases) {
    const Environment variables = parse_env_file(c.line);

    ASSERT_EQ(variables.size(), 1U) << c.line;
    EXPECT_EQ(variables.at("KEY"), c.value) << c.line;
  }
}

TEST(EnvFile, SkipsCommentsAndEmptyLines) {
  const Environment variables = parse_env_file("# first\n\n   \n  # indented\nA=1\n#B=2\n");

  EXPECT_EQ(variables, (Environment{{"A", "1"}}));
}

TEST(EnvFile, ReadsWindowsLineEndsAndByteOrderMark) {
  const Environment variables = parse_env_file(
      "\xef\xbb\xbf"
      "A=1\r\n\r\nB=\"2\"\r\nC='3' # three\r\nD=4\r");

  EXPECT_EQ(variables, (Environment{{"A", "1"}, {"B", "2"}, {"C", "3"}, {"D", "4"}}));
}

TEST(EnvFile, TakesTheLastOfEqualKeys) {
  EXPECT_EQ(parse_env_file("A=1\nA=2\n").at("A"), "2");
}

TEST(EnvFile, NamesTheLineThatItCannotRead) {
  struct Case {
    std::string text;
    std::string message;
  };
  const std::vector<Case> cases = {
      {"A=1\nghp_secret\n", "line 2: it is not KEY=VALUE"},
      {"A=1\r\n\r\nghp_secret", "line 3: it is not KEY=VALUE"},
      {"=ghp_secret", "line 1: what stands before '=' is not a name"},
      {"1A=ghp_secret", "line 1: what stands before '=' is not a name"},
      {"ghp secret=1", "line 1: what stands before '=' is not a name"},
      {"A=\"ghp_secret\nB=2\n", "line 1: the quote that begins there is not closed"},
      {"A='x'\nB='ghp_secret", "line 2: the quote that begins there is not closed"},
      {"A=\"x\ny\"\nB=\"x\" ghp_secret", "line 3: something follows the closing quote"},
      {std::string("A=gh\0p", 6), "line 1: it holds a NUL byte"},
      {"\xff\xfe"
       "A",
       "line 1: it is not KEY=VALUE"}};
  for (const Case& c : cases) EXPECT_EQ(refusal(c.text), c.message) << c.text;
}

}  // namespace
}  // namespace hubkeep
