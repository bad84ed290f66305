#include "base/json.h"

#include <gmock/gmock.h>

#include "base/error.h"
#include "base/json_depth.h"

namespace hubkeep {
namespace {

using testing::HasSubstr;

std::string message_of(std::string_view text, ByteCount limit = kMaxJsonSize) {
  try {
    parse_json(text, limit);
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::corrupt);
    return error.message();
  }
  return "it was read";
}

TEST(Json, IsReadUpToTheLimitAndNotBeyond) {
  const std::string text = R"({"a": [1, 2]})";

  EXPECT_EQ(parse_json(text, text.size()).at("a").size(), 2U);
  EXPECT_EQ(message_of(text, text.size() - 1), "JSON of 13 B, where at most 12 B are read");
  EXPECT_THROW(parse_ordered_json(text, text.size() - 1), Error);
  EXPECT_TRUE(parse_json_or_discard(std::string(kMaxJsonSize + 1, ' ')).is_discarded());
}

TEST(Json, ThatIsNestedTooDeepIsNotRead) {
  const std::string deep = std::string(kMaxJsonDepth + 1, '[') + std::string(kMaxJsonDepth + 1, ']');

  EXPECT_EQ(message_of(deep), "JSON that is nested too deep");
  EXPECT_THROW(parse_ordered_json(deep), Error);
  EXPECT_THROW(parse_ordered_json(std::string(1'000'000, '{')), Error);
  EXPECT_TRUE(parse_json_or_discard(deep).is_discarded());
  EXPECT_TRUE(parse_json_or_discard(std::string(1'000'000, '[')).is_discarded());
}

// The parser's own words would quote all of it.
TEST(Json, ComplaintsAreShortAndPrintable) {
  const std::string endless = "\"\x1b[2J" + std::string(100'000, 'x');

  const std::string message = message_of(endless);

  EXPECT_THAT(message, HasSubstr("parse error"));
  EXPECT_THAT(message, testing::Not(HasSubstr("\x1b")));
  EXPECT_LT(message.size(), 1000U);
}

TEST(Json, KeepsTheOrderOfItsText) {
  const auto json = parse_ordered_json(R"({"z": 1, "a": 2})");

  EXPECT_EQ(json.dump(), R"({"z":1,"a":2})");
}

TEST(Json, IsFiltered) {
  const auto keeps = [](int, nlohmann::ordered_json::parse_event_t event, nlohmann::ordered_json& parsed) {
    return event != nlohmann::ordered_json::parse_event_t::key || parsed != "b";
  };

  EXPECT_EQ(parse_ordered_json(R"({"a": 1, "b": [[], []]})", kMaxJsonSize, keeps).dump(), R"({"a":1})");
}

TEST(Json, IsWhatCanBeRead) {
  const std::string deep = std::string(kMaxJsonDepth + 1, '[') + std::string(kMaxJsonDepth + 1, ']');
  const std::string readable[] = {"1", " null ", R"({"a": [1, {"b": "\u00e4"}]})", "\xEF\xBB\xBF[]"};
  const std::string other[] = {
      "",      "[",     "[1,]",   "{\"a\":}", "\"\xff\"",
      "1e999", "[] []", "<html>", deep,       std::string(kMaxJsonSize + 1, ' ') + "1"};

  for (const auto& text : readable) {
    EXPECT_TRUE(is_json(text)) << text;
    EXPECT_FALSE(parse_json_or_discard(text).is_discarded()) << text;
  }
  for (const auto& text : other) {
    EXPECT_FALSE(is_json(text)) << text.substr(0, 80);
    EXPECT_TRUE(parse_json_or_discard(text).is_discarded()) << text.substr(0, 80);
  }
}

}  // namespace
}  // namespace hubkeep
