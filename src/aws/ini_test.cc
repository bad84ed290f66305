#include "aws/ini.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error_of.h"

namespace hubkeep {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::Pair;

IniSettings settings_of(std::string_view text) {
  const auto sections = parse_ini(text);
  EXPECT_EQ(sections.size(), 1U);
  return sections.front().settings;
}

TEST(ParseIni, ReadsSectionsAndSettings) {
  const auto sections = parse_ini(
      "[default]\nregion = eu-west-1\n\n[ profile\t dev ] # mine\nRole_ARN=arn:aws:iam::1:role/x\n");

  ASSERT_EQ(sections.size(), 2U);
  EXPECT_EQ(sections[0].name, "default");
  EXPECT_THAT(sections[0].settings, ElementsAre(Pair("region", "eu-west-1")));
  EXPECT_EQ(sections[1].name, "profile dev");
  EXPECT_THAT(sections[1].settings, ElementsAre(Pair("role_arn", "arn:aws:iam::1:role/x")));
}

TEST(ParseIni, TakesCommentsOnTheirOwnLinesOnly) {
  EXPECT_THAT(settings_of("[a]\n# x = 1\n  ; y = 2\nkey = a#b ;c\n"), ElementsAre(Pair("key", "a#b ;c")));
}

TEST(ParseIni, TakesTheFirstOfBothDelimiters) {
  EXPECT_THAT(settings_of("[a]\nx: y=z\nu=http://h:1/\n"),
              ElementsAre(Pair("u", "http://h:1/"), Pair("x", "y=z")));
}

TEST(ParseIni, KeepsNestedSettingsUnderTheirNames) {
  const auto settings =
      settings_of("[a]\ns3 =\n  addressing_style = path\n\n  # why\n\tmax = 1\nregion = x\n");

  EXPECT_THAT(settings, ElementsAre(Pair("region", "x"), Pair("s3", ""), Pair("s3.addressing_style", "path"),
                                    Pair("s3.max", "1")));
}

TEST(ParseIni, ContinuesAValueOnIndentedLines) {
  EXPECT_THAT(settings_of("[a]\nx = 1\n  2\n  y = 3\n"), ElementsAre(Pair("x", "1\n2\ny = 3")));
}

TEST(ParseIni, TakesASectionThatIsIndentedAsAWhole) {
  EXPECT_THAT(settings_of("[a]\n  x = 1\n  y = 2\n"), ElementsAre(Pair("x", "1"), Pair("y", "2")));
}

TEST(ParseIni, LetsTheLastOfTwoWin) {
  EXPECT_THAT(settings_of("[a]\nx = 1\nX = 2\n"), ElementsAre(Pair("x", "2")));
}

TEST(ParseIni, ReadsWhatWindowsWrites) {
  EXPECT_THAT(settings_of("\xef\xbb\xbf[a]\r\nx = 1\r\n"), ElementsAre(Pair("x", "1")));
}

TEST(ParseIni, IsEmptyForNothing) {
  EXPECT_TRUE(parse_ini("").empty());
  EXPECT_TRUE(parse_ini("\n  \n# x\n").empty());
}

TEST(ParseIni, NamesTheLineAndNotItsContent) {
  for (const char* text :
       {"[a]\nhunter2\n", "\nx = hunter2\n", "\n[hunter2\n", "\n[a] hunter2\n", "[a]\n = hunter2\n"}) {
    SCOPED_TRACE(text);
    const Error error = error_of([&] { parse_ini(text); });

    EXPECT_EQ(error.kind(), ErrorKind::invalid);
    EXPECT_THAT(error.message(), HasSubstr("line 2: "));
    EXPECT_THAT(error.message(), Not(HasSubstr("hunter2")));
  }
  EXPECT_THROW(parse_ini("[a]\ns3 =\n  hunter2\n"), Error);
}

}  // namespace
}  // namespace hubkeep
