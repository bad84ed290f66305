#include "vault/meta_line.h"

#include <gtest/gtest.h>

#include "base/error.h"

namespace hubkeep {
namespace {

constexpr UtcTime kTime{std::chrono::seconds(1'800'000'000)};

std::string without_line_feed(std::string text) {
  EXPECT_TRUE(text.ends_with('\n'));
  text.pop_back();
  return text;
}

TEST(MetaLine, HasItsMembersInOneOrderAndTheDocumentLast) {
  const MetaLine line{
      .kind = "comment", .id = "123", .parent = "7", .at = kTime, .document = R"({"body" : "a\nb"})"};

  EXPECT_EQ(
      to_line(line),
      R"({"kind":"comment","id":"123","parent":"7","at":"2027-01-15T08:00:00Z","document":{"body" : "a\nb"}})"
      "\n");
}

TEST(MetaLine, IsReadAsItIsWritten) {
  const MetaLine document{.kind = "variable",
                          .id = "a \"quoted\" näme",
                          .parent = "x",
                          .at = kTime,
                          .gone = kTime,
                          .document = R"({"}":"}"})"};
  const MetaLine gone{.kind = "comment", .id = "1", .parent = "7", .gone = kTime, .document = {}};

  for (const MetaLine& line : {document, gone}) {
    const std::string text = without_line_feed(to_line(line));
    EXPECT_EQ(meta_line_from(text), line) << text;
  }
}

TEST(MetaLine, IsOneLineWhateverGitHubPutsBetweenTokens) {
  const std::string text =
      to_line({.kind = "label", .id = "1", .parent = "", .at = kTime, .document = "{\r\n\"a\": 1\n}"});

  EXPECT_NE(text.find(R"("document":{  "a": 1 }})"), std::string::npos);
  EXPECT_EQ(text.find('\n'), text.size() - 1);
}

TEST(MetaLine, RefusesWhatIsNone) {
  for (const std::string_view text : {
           R"({})",
           R"({"id":"1","kind":"label","gone":"2027-01-15T08:00:00Z"})",
           R"({"kind":"label","id":"1"})",
           R"({"kind":"label","id":"1","document":{}})",
           R"({"kind":"label","id":"1","at":"2027-01-15T08:00:00Z"})",
           R"({"kind":"","id":"1","gone":"2027-01-15T08:00:00Z"})",
           R"({"kind":"label","id":"","gone":"2027-01-15T08:00:00Z"})",
           R"({"kind":"label","id":"1","gone":"soon"})",
           R"({"kind":"label","id":"1","gone":"2027-01-15T08:00:00Z"} )",
           R"({"kind":"label","id":"1","at":"2027-01-15T08:00:00Z","document":[]})",
           R"({"kind":"label","id":"1","at":"2027-01-15T08:00:00Z","document":{})",
           R"({"kind":"label","id":"1\)",
       })
    EXPECT_THROW(meta_line_from(text), Error) << text;
}

TEST(MetaLine, RefusesAnIdThatIsNotUtf8) {
  EXPECT_THROW(to_line({.kind = "label", .id = "\xff", .parent = "", .gone = kTime, .document = ""}), Error);
}

}  // namespace
}  // namespace hubkeep
