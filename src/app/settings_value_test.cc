#include "app/settings_value.h"

#include <gtest/gtest.h>

#include "base/error.h"

namespace hubkeep {
namespace {

using enum SettingType;

SettingValue parse(SettingType type, const std::string& text, const SettingRange& range = {}) {
  return parse_setting(type, range, {text}, "origin");
}

std::string refusal(SettingType type, const std::string& text, const SettingRange& range = {}) {
  try {
    parse(type, text, range);
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::invalid);
    return error.message();
  }
  return "accepted";
}

TEST(SettingValue, ReadsBooleansInAnyCase) {
  for (const char* text : {"true", "True", "TRUE", "1", "yes", "Yes", "on", "ON", " true\n"})
    EXPECT_TRUE(std::get<bool>(parse(boolean, text))) << text;
  for (const char* text : {"false", "False", "FALSE", "0", "no", "NO", "off", "Off"})
    EXPECT_FALSE(std::get<bool>(parse(boolean, text))) << text;
}

TEST(SettingValue, RefusesOtherBooleans) {
  for (const std::string text : {"maybe", "2", "t", "truefalse", "ja"})
    EXPECT_EQ(refusal(boolean, text),
              "'" + text + "' is not a boolean; write true or false (yes, no, on, off, 1 and 0 will do)");
}

TEST(SettingValue, ReadsWholeNumbersWithinTheirRange) {
  EXPECT_EQ(std::get<std::uint64_t>(parse(number, "1", {1, 64})), 1U);
  EXPECT_EQ(std::get<std::uint64_t>(parse(number, " 64 ", {1, 64})), 64U);
  EXPECT_EQ(refusal(number, "0", {1, 64}), "'0' is not between 1 and 64");
  EXPECT_EQ(refusal(number, "65", {1, 64}), "'65' is not between 1 and 64");
  for (const std::string text : {"x", "-1", "+1", "1.5", "1x", "0x10", "18446744073709551616", "1 2"})
    EXPECT_EQ(refusal(number, text, {1, 64}), "'" + text + "' is not a whole number");
}

TEST(SettingValue, ReadsDurations) {
  struct Case {
    std::string text;
    std::int64_t seconds;
  };
  for (const Case& c : {Case{"0", 0}, Case{"0s", 0}, Case{"90s", 90}, Case{"15m", 900}, Case{"24h", 86400},
                        Case{"7d", 604800}, Case{"7 D", 604800}, Case{"36500d", 3153600000}})
    EXPECT_EQ(std::get<std::chrono::seconds>(parse(duration, c.text)).count(), c.seconds) << c.text;
  for (const std::string text : {"24", "h", "1w", "-1h", "1h30m", "1.5h", "36501d", "18446744073709551615d"})
    EXPECT_EQ(refusal(duration, text),
              "'" + text + "' is not a duration; write a whole number and one of s, m, h, d, as in 24h");
}

TEST(SettingValue, ReadsByteCounts) {
  struct Case {
    std::string text;
    std::uint64_t bytes;
  };
  for (const Case& c : {Case{"1048576", 1048576}, Case{"12B", 12}, Case{"2KiB", 2048},
                        Case{"64MiB", 67108864}, Case{"64 mib", 67108864}, Case{"3GiB", 3221225472}})
    EXPECT_EQ(std::get<std::uint64_t>(parse(byte_count, c.text)), c.bytes) << c.text;
  for (const std::string text : {"64MB", "64M", "MiB", "-1", "1.5GiB", "18446744073709551615GiB", "x"})
    EXPECT_EQ(refusal(byte_count, text),
              "'" + text + "' is not a size; write a whole number and one of KiB, MiB, GiB, as in 64MiB");
  EXPECT_EQ(refusal(byte_count, "64", {1048576, 1073741824}), "'64' is not between 1.0 MiB and 1.0 GiB");
}

TEST(SettingValue, SplitsListsAtCommasAndWhiteSpace) {
  using List = std::vector<std::string>;
  EXPECT_EQ(std::get<List>(parse(text_list, "a")), (List{"a"}));
  EXPECT_EQ(std::get<List>(parse(text_list, " a, b\tc,,d\n")), (List{"a", "b", "c", "d"}));
  EXPECT_EQ(std::get<List>(parse_setting(text_list, {}, {"a", "b,c"}, "")), (List{"a", "b", "c"}));
  EXPECT_EQ(std::get<List>(parse_setting(text_list, {}, {}, "")), List{});
}

TEST(SettingValue, TakesTheLastOfSeveral) {
  EXPECT_EQ(std::get<std::string>(parse_setting(text, {}, {"a", "b"}, "")), "b");
}

TEST(SettingValue, TrimsTextButNotPaths) {
  EXPECT_EQ(std::get<std::string>(parse(text, " a b \n")), "a b");
  EXPECT_EQ(std::get<std::filesystem::path>(parse(path, "a b ")), "a b ");
}

TEST(SettingValue, KeepsTheOriginOfASecret) {
  const auto token = std::get<Secret>(parse(secret, "ghp_0123\r\n"));

  EXPECT_EQ(token.reveal(), "ghp_0123");
  EXPECT_EQ(token.origin(), "origin");
}

TEST(SettingValue, RefusesBrokenSecretsWithoutShowingThem) {
  for (const std::string text : {"ghp one", "ghp\none", "gh\x01p", "ghp\xc3\xa4", "gh\x7fp"})
    EXPECT_EQ(refusal(secret, text),
              "the value holds white space or other bytes that no token has; it is not shown here");
  EXPECT_EQ(refusal(secret, " \n"), "there is nothing in it");
}

TEST(SettingValue, ShowsOnlyWhatATerminalMaySee) {
  EXPECT_EQ(refusal(number, "\x1b[31m"), "'\\x1b[31m' is not a whole number");
  EXPECT_LT(refusal(number, std::string(100'000, 'x')).size(), 200U);
}

TEST(RepositoryName, HasTwoParts) {
  EXPECT_TRUE(is_repository_name("acme/site"));
  for (const char* text : {"", "/", "acme", "acme/", "/site", "acme/site/", "https://github.com/acme/site"})
    EXPECT_FALSE(is_repository_name(text)) << text;
}

}  // namespace
}  // namespace hubkeep
