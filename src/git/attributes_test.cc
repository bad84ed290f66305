#include "git/attributes.h"

#include <gmock/gmock.h>

#include <string>

#include "base/error_of.h"
#include "git/wildmatch.h"

namespace hubkeep {
namespace {

using State = Attribute::State;
using testing::HasSubstr;

const Attribute kSet{State::set, {}};
const Attribute kUnset{State::unset, {}};
const Attribute kUnspecified{State::unspecified, {}};

// What the root's file alone says.
AttributeValues values_of(const std::string& path, const std::string& content) {
  Attributes attributes([&](const std::string& folder) -> std::optional<std::string> {
    if (folder.empty()) return content;
    return std::nullopt;
  });
  return attributes.of(path);
}

bool fits(const std::string& pattern, const std::string& path) {
  return values_of(path, pattern + " x\n").contains("x");
}

TEST(Attributes, OfALineAreSetUnsetUnspecifiedOrAText) {
  const auto values = values_of("a", "  a\ttext -eol !crlf  ident=x=y \r\n");

  EXPECT_EQ(values,
            (AttributeValues{
                {"crlf", kUnspecified}, {"eol", kUnset}, {"ident", {State::value, "x=y"}}, {"text", kSet}}));
}

TEST(Attributes, OfTheLastRuleCount) {
  EXPECT_EQ(values_of("a", "a text\n* -text\n"), (AttributeValues{{"text", kUnset}}));
  EXPECT_EQ(values_of("a", "a -text text\n"), (AttributeValues{{"text", kSet}}));
  EXPECT_EQ(values_of("a", "a text\na !text\n"), (AttributeValues{{"text", kUnspecified}}));
}

TEST(Attributes, OfADeeperFolderComeFirst) {
  const std::map<std::string, std::string> files = {
      {"", "* a b c\nsub/x d\n"}, {"sub/", "* -a\n/x e\n"}, {"sub/deep/", "* -b\n"}, {"other/", "* f\n"}};
  std::vector<std::string> read;
  Attributes attributes([&](const std::string& folder) -> std::optional<std::string> {
    read.push_back(folder);
    const auto file = files.find(folder);
    if (file == files.end()) return std::nullopt;
    return file->second;
  });

  EXPECT_EQ(attributes.of("sub/deep/none/x"), (AttributeValues{{"a", kUnset}, {"b", kUnset}, {"c", kSet}}));
  EXPECT_EQ(attributes.of("sub/x"),
            (AttributeValues{{"a", kUnset}, {"b", kSet}, {"c", kSet}, {"d", kSet}, {"e", kSet}}));
  EXPECT_EQ(attributes.of("x"), (AttributeValues{{"a", kSet}, {"b", kSet}, {"c", kSet}}));
  EXPECT_EQ(read, (std::vector<std::string>{"", "sub/", "sub/deep/", "sub/deep/none/"}));
}

TEST(Attributes, OfAMacroAreWhatItStandsFor) {
  const std::string macros = "[attr]dos text eol=crlf\n[attr]old dos -ident\n[attr]dos2 x\n[attr]dos2 y\n";

  EXPECT_EQ(
      values_of("a", macros + "a old\n"),
      (AttributeValues{
          {"dos", kSet}, {"eol", {State::value, "crlf"}}, {"ident", kUnset}, {"old", kSet}, {"text", kSet}}));
  EXPECT_EQ(values_of("a", macros + "a old\na -old\n"), (AttributeValues{{"old", kUnset}}));
  EXPECT_EQ(values_of("a", macros + "a text=auto dos\na ident\na old=yes\n").at("text"), kSet);
  EXPECT_EQ(values_of("a", macros + "a dos2\n"), (AttributeValues{{"dos2", kSet}, {"y", kSet}}));
  EXPECT_EQ(values_of("a", "a binary\n"),
            (AttributeValues{{"binary", kSet}, {"diff", kUnset}, {"merge", kUnset}, {"text", kUnset}}));
  EXPECT_EQ(values_of("a", "[attr]b c\n[attr]c b\na b\n"), (AttributeValues{{"b", kSet}, {"c", kSet}}));
}

TEST(Attributes, OfAMillionMacrosThatNameEachOtherNeedNoStack) {
  std::string content = "a m0\n";
  for (int i = 0; i < 50'000; ++i)
    content += "[attr]m" + std::to_string(i) + " m" + std::to_string(i + 1) + "\n";
  content = content.substr(0, AttributeFile::kMaxSize);

  EXPECT_GT(values_of("a", content).size(), 30'000U);
}

TEST(Attributes, IgnoreTheLinesThatGitIgnores) {
  for (const std::string& line : {std::string("# x"), std::string("!a x"), std::string("a/ x"),
                                  std::string("a x y%"), std::string("a -"), std::string("a =y"),
                                  std::string("a " + std::string(2100, 'x')), std::string("a\0 x", 4)}) {
    EXPECT_EQ(values_of("a", line + "\n"), AttributeValues()) << line.substr(0, 20);
  }
  EXPECT_TRUE(fits("[attr]", "t"));  // a set of letters
  EXPECT_EQ(values_of("sub/a", "[attr]b c\nsub/* b\n").size(), 2U);
}

TEST(Attributes, OfAPatternInQuotes) {
  EXPECT_TRUE(fits("\"a b\"", "a b"));
  EXPECT_TRUE(fits("\"a\\tb\"", "a\tb"));
  EXPECT_TRUE(fits("\"\\303\\274\"", "\xc3\xbc"));
  EXPECT_TRUE(fits("\"*\"", "a"));
  EXPECT_TRUE(fits("\"a\\\"\\\\\\\\\"", "a\"\\"));
  EXPECT_TRUE(fits("\"a", "\"a"));
  EXPECT_FALSE(fits("\"a\\400\"", "a"));
}

TEST(Attributes, OfPatternsWithAndWithoutSlashes) {
  for (const auto& [pattern, path] : std::vector<std::pair<std::string, std::string>>{
           {"a", "a"},           {"a", "sub/a"},        {"*.c", "sub/x.c"},
           {"/a", "a"},          {"sub/a", "sub/a"},    {"sub/*", "sub/a"},
           {"**/a", "a"},        {"**/a", "x/y/a"},     {"sub/**", "sub/x/y"},
           {"a/**/b", "a/b"},    {"a/**/b", "a/x/y/b"}, {"*", "sub/a"},
           {"[ab]", "a"},        {"[!ab]", "c"},        {"[a-c]x", "bx"},
           {"[[:digit:]]", "7"}, {"\\*", "*"},          {"a?c", "abc"},
           {"[]]", "]"},         {"[a-]", "-"},         {"[\\]]", "]"},
           {"*a*", "xxaxx"},     {"x/*/y", "x/1/y"},    {"\\#", "#"}}) {
    EXPECT_TRUE(fits(pattern, path)) << pattern << " " << path;
  }
  for (const auto& [pattern, path] : std::vector<std::pair<std::string, std::string>>{{"/a", "sub/a"},
                                                                                      {"sub/a", "x/sub/a"},
                                                                                      {"sub/*", "sub/x/a"},
                                                                                      {"a", "ab"},
                                                                                      {"a/", "a"},
                                                                                      {"*.c", "x.cc"},
                                                                                      {"[ab", "a"},
                                                                                      {"[[:none:]]", "a"},
                                                                                      {"a?c", "ac"},
                                                                                      {"[a-c]", "d"},
                                                                                      {"x**y", "x/y/z"},
                                                                                      {"a/**b", "a/x/b"},
                                                                                      {"x/?", "x//"},
                                                                                      {"A", "a"},
                                                                                      {"a\\", "a"}}) {
    EXPECT_FALSE(fits(pattern, path)) << pattern << " " << path;
  }
}

TEST(Attributes, SayWhatTakesTooLong) {
  std::string pattern = "/";
  for (int i = 0; i < 60; ++i) pattern += "**/a/";
  std::string path;
  for (int i = 0; i < 120; ++i) path += "a/";

  const Error slow = error_of([&] { fits(pattern + "b", path + "c"); });
  const Error large = error_of([&] { values_of("a", std::string(AttributeFile::kMaxSize + 1, '\n')); });

  EXPECT_EQ(slow.kind(), ErrorKind::invalid);
  EXPECT_THAT(slow.message(), HasSubstr("takes too long to match: /**/a/**"));
  EXPECT_EQ(large.kind(), ErrorKind::invalid);
  EXPECT_THAT(large.message(), HasSubstr("larger than 1.0 MiB"));
}

}  // namespace
}  // namespace hubkeep
