#include "metadata/text_search.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "metadata/case_fold.h"
#include "metadata/columns.h"

namespace hubkeep {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

std::vector<TextHit> search(std::string_view word, std::string_view kind, std::string_view document,
                            const std::string& parent = "") {
  std::vector<TextHit> hits;
  TextSearch(word).search(MetaLine{.kind = kind, .id = "7", .parent = parent, .document = document},
                          [&](const TextHit& hit) { hits.push_back(hit); });
  return hits;
}

std::vector<std::string> lines(std::string_view word, std::string_view kind, std::string_view document) {
  std::vector<std::string> found;
  for (const TextHit& hit : search(word, kind, document)) found.push_back(hit.what + ": " + hit.line);
  return found;
}

TEST(CaseFold, IsUnicodesSimpleOne) {
  EXPECT_EQ(fold_case("ABC äÖÜ ΣΑΣ ЖЁ ԱՈ Ǆ"), "abc äöü σασ жё աո ǆ");
  EXPECT_EQ(fold_case("ß漢\U00010400"), "ß漢\U00010428");
  EXPECT_EQ(fold_case("ς"), "σ");
  EXPECT_EQ(fold_case("\xff\xc3"), "\xff\xc3") << "no UTF-8";
  EXPECT_EQ(fold_case("ſ\u212a"), "ſ\u212a") << "letters of ASCII come of ASCII alone";
}

TEST(TextSearch, FindsLinesInEitherCase) {
  const auto hits =
      search("LOGIN", "issue",
             R"({"title":"login fails","body":"one\r\n  The Login\nlogout","user":{"login":"octocat"},)"
             R"("created_at":"2026-11-01T10:00:00Z"})");

  ASSERT_EQ(hits.size(), 2U) << "not the member called login";
  EXPECT_EQ(hits[0].line, "login fails");
  EXPECT_EQ(hits[1].line, "The Login");
  EXPECT_EQ(hits[1].match, 4U);
  EXPECT_EQ(hits[0].number + hits[0].author + hits[0].at, "7octocat2026-11-01T10:00:00Z");
}

TEST(TextSearch, LooksIntoAllThatPeopleWrote) {
  EXPECT_THAT(lines("x", "issue", R"({"title":"x","pull_request":{}})"), ElementsAre("pull request: x"));
  EXPECT_THAT(lines("x", "comment", R"({"body":"x"})"), ElementsAre("comment: x"));
  EXPECT_THAT(lines("x", "review_comment", R"({"body":"x"})"), ElementsAre("review comment: x"));
  EXPECT_THAT(lines("x", "commit_comment", R"({"body":"x"})"), ElementsAre("commit comment: x"));
  EXPECT_THAT(lines("x", "milestone", R"({"title":"x","description":"xx"})"),
              ElementsAre("milestone: x", "milestone: xx"));
  EXPECT_THAT(lines("x", "release", R"({"tag_name":"v1","name":"x","body":"xx"})"),
              ElementsAre("release: x", "release: xx"));
  EXPECT_THAT(lines("x", "gist", R"({"description":"x"})"), ElementsAre("gist: x"));
  EXPECT_THAT(lines("x", "gist_comment", R"({"body":"x"})"), ElementsAre("comment: x"));
  EXPECT_THAT(lines("x", "pull_request", R"({"title":"x","reviews":{"nodes":[{"body":"xx"},{"body":"y"}]}})"),
              ElementsAre("review: xx"));
  EXPECT_THAT(
      lines("x", "discussion",
            R"({"title":"x","comments":{"nodes":[{"body":"xx","replies":{"nodes":[{"body":"xxx"}]}}]}})"),
      ElementsAre("discussion: x", "comment: xx", "reply: xxx"));
  EXPECT_THAT(lines("x", "hook", R"({"name":"x"})"), IsEmpty());
  EXPECT_THAT(lines("x", "unheard_of", R"({"body":"x"})"), IsEmpty());
}

TEST(TextSearch, FindsWhatJsonWritesAsEscapes) {
  EXPECT_THAT(lines("login", "comment", R"({"body":"\u004cogin"})"), ElementsAre("comment: Login"));
  EXPECT_THAT(lines("say \"x\"", "comment", R"({"body":"Say \"X\""})"), ElementsAre("comment: Say \"X\""));
  EXPECT_THAT(lines("ÄRGER", "comment", R"({"body":"\u00e4rger"})"), ElementsAre("comment: ärger"));
  EXPECT_THAT(lines("Straße", "comment", R"({"body":"STRAßE"})"), ElementsAre("comment: STRAßE"));
}

TEST(TextSearch, DoesNotParseWhatCannotHaveTheWord) {
  EXPECT_THAT(search("login", "comment", R"({"body":"logi", no JSON})"), IsEmpty());
  EXPECT_THROW(search("login", "comment", R"({"body":"LogIn", no JSON})"), Error);
}

TEST(TextSearch, DocumentsOfAnyShapeAreRead) {
  EXPECT_THAT(lines("x", "discussion", R"({"title":3,"comments":["x"],"body":null})"), IsEmpty());
  EXPECT_THAT(lines("x", "pull_request", R"({"reviews":{"nodes":[null,"x",{"body":["x"]}]}})"), IsEmpty());
}

TEST(HitText, HasTheWordAndIsCutToTheWidth) {
  const std::string line = std::string(300, 'a') + " the word " + std::string(300, 'b');
  const TextHit hit{.what = "comment",
                    .number = "12",
                    .name = {},
                    .author = "hubot",
                    .at = "2026-11-01T10:00:00Z",
                    .line = line,
                    .match = 305};

  for (const std::size_t width : {40U, 80U, 200U}) {
    const std::string text = hit_text(hit, "acme/site", width);
    EXPECT_LE(columns_of(text), width);
    EXPECT_THAT(text, HasSubstr("word"));
    EXPECT_THAT(text, HasSubstr("acme/site#12  comment"));
  }
  EXPECT_THAT(hit_text(hit, "acme/site", 200),
              HasSubstr("acme/site#12  comment  hubot  2026-11-01 10:00 UTC  …aaa"));
}

TEST(HitText, IsSafeForATerminal) {
  const std::string bad = "\x1b[2J";
  const TextHit hit{.what = "release", .number = {}, .name = bad, .author = bad, .at = bad, .line = bad};
  EXPECT_THAT(hit_text(hit, bad, 200), Not(HasSubstr("\x1b")));
}

TEST(HitJson, HasWhatIsKnown) {
  const TextHit hit{.what = "release", .number = {}, .name = "v1", .author = "a", .at = "b", .line = "c"};
  EXPECT_EQ(hit_json(hit, "acme/site").dump(),
            R"({"repository":"acme/site","what":"release","name":"v1","author":"a","at":"b","line":"c"})");
}

}  // namespace
}  // namespace hubkeep
