// What lists, overviews and JSON say of documents, and where documents are found.
#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/json.h"
#include "base/scratch_folder.h"
#include "base/text.h"
#include "metadata/columns.h"
#include "metadata/document_json.h"
#include "metadata/document_list.h"
#include "metadata/document_words.h"
#include "metadata/overview.h"
#include "metadata/saved_documents.h"
#include "store/folder/folder_store.h"
#include "vault/meta_kind.h"
#include "vault/names.h"

namespace hubkeep {
namespace {

using Json = nlohmann::ordered_json;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr const char* kFolder = "repos/github.com/acme/site.1/";
constexpr UtcTime kTime{std::chrono::seconds(1'800'000'000)};
constexpr const char* kEscape = "\x1b]0;x\x07";

class DocumentsTest : public testing::Test {
 protected:
  ObjectRecord store(const std::string& name, const std::string& lines) {
    RecordedWriter writer = objects_.create(kFolder, name);
    writer.write(lines);
    return writer.commit();
  }
  void add_meta(const std::vector<MetaLine>& lines) {
    std::string text;
    for (const MetaLine& line : lines) text += to_line(line);
    meta_.documents = {{store("meta/" + SnapshotId::make(kTime).str() + ".jsonl.zst", text), 0}};
    parts_.emplace("meta", to_part(meta_));
  }
  SavedDocuments documents() { return {objects_, kFolder, parts_, stop_}; }
  std::vector<std::string> read(const MetaFilter& filter = {}) {
    std::vector<std::string> found;
    documents().visit(filter, [&](const MetaLine& line) {
      found.push_back(std::string(line.kind) + " " + line.id + " " + std::string(line.document));
    });
    return found;
  }

  MetaPart meta_;
  Parts parts_;
  ScratchFolder folder_;
  VaultObjects objects_{std::make_unique<FolderStore>(folder_.path().string(), OpenMode::create)};
  std::stop_token stop_;
};

TEST_F(DocumentsTest, OfAPartThatIsNotThereAreNone) {
  EXPECT_THAT(read(), IsEmpty());
  EXPECT_FALSE(documents().meta() || documents().releases() || documents().has_gist());
  EXPECT_EQ(overview_text(documents(), 80), "");
}

TEST_F(DocumentsTest, AreThoseOfTheReleasesToo) {
  add_meta({{.kind = "label", .id = "5", .parent = {}, .at = kTime, .document = R"({"name":"bug"})"}});
  ReleasesPart releases{.releases = 1};
  releases.documents = {store("releases/" + SnapshotId::make(kTime).str() + ".jsonl.zst",
                              R"({"id":9,"tag_name":"v1"})"
                              "\n")};
  parts_.emplace("releases", to_part(releases));

  EXPECT_THAT(read(), ElementsAre(R"(label 5 {"name":"bug"})", R"(release 9 {"id":9,"tag_name":"v1"})"));
  EXPECT_THAT(read({.kinds = {"release"}}), ElementsAre(R"(release 9 {"id":9,"tag_name":"v1"})"));
  EXPECT_THAT(read({.number = "9"}), IsEmpty());
}

TEST_F(DocumentsTest, AreThoseOfAGist) {
  const ObjectRecord record = store("meta/" + SnapshotId::make(kTime).str() + ".jsonl.zst",
                                    "{\"id\":\"aa5a\"}\n{\"id\":3,\"body\":\"x\"}\n");
  parts_.emplace("meta",
                 Part(Json{{"status", "ok"}, {"documents", {to_json(record)}}, {"lines_sha256", "00"}}));

  EXPECT_THAT(read(), ElementsAre(R"(gist aa5a {"id":"aa5a"})", R"(gist_comment 3 {"id":3,"body":"x"})"));
  EXPECT_TRUE(documents().has_gist());
  EXPECT_FALSE(documents().meta());
}

TEST_F(DocumentsTest, OfOneNumberStandTogetherInJson) {
  add_meta(
      {{.kind = "comment", .id = "11", .parent = "3", .at = kTime, .document = R"({"id":11})"},
       {.kind = "comment", .id = "9", .parent = "3", .at = kTime, .gone = kTime, .document = R"({"id":9})"},
       {.kind = "comment", .id = "8", .parent = "4", .at = kTime, .document = R"({"id":8})"},
       {.kind = "label", .id = "3", .parent = {}, .at = kTime, .document = R"({"id":3})"},
       {.kind = "pull_request", .id = "3", .parent = {}, .at = kTime, .document = R"({"reviews":{}})"},
       {.kind = "issue", .id = "3", .parent = {}, .at = kTime, .document = R"({"number":3})"}});

  const Json json = conversation_json(documents().meta_documents(), 3);

  EXPECT_EQ(
      json.dump(),
      R"({"item":{"kind":"issue","id":"3","gone":null,"document":{"number":3}},)"
      R"("graph":{"kind":"pull_request","id":"3","gone":null,"document":{"reviews":{}}},)"
      R"("comments":[{"kind":"comment","id":"9","parent":"3","gone":"2027-01-15T08:00:00Z","document":{"id":9}},)"
      R"({"kind":"comment","id":"11","parent":"3","gone":null,"document":{"id":11}}],)"
      R"("review_comments":[],"comment_graphs":[]})");
  EXPECT_TRUE(conversation_json(documents().meta_documents(), 5).is_null());
}

TEST_F(DocumentsTest, AreCountedAndWhatIsNotThereIsSaid) {
  meta_.counts = {{"issue", {.kept = 1204, .gone = 3, .github = 1205}},
                  {"pull_request", {.kept = 80}},
                  {"comment_graph", {.kept = 7}},
                  {"unheard_of", {.kept = 1}}};
  meta_.not_permitted = {{"hook", "Webhooks: read"}};
  meta_.absent = {"discussion"};
  meta_.lacking = {{"comment", std::string("limit ") + kEscape}};
  meta_.pending = 1;
  parts_.emplace("meta", to_part(meta_));
  parts_.emplace("releases", to_part(ReleasesPart{.releases = 2}));

  EXPECT_EQ(overview_text(documents(), 80),
            "     1204  issues and pull requests (3 more not on GitHub any more; GitHub says\n"
            "           1205)\n"
            "       80  of these pull requests\n"
            "        0  discussions (switched off)\n"
            "        0  comments (GitHub gives no more: limit \\x1b]0;x\\x07)\n"
            "        0  hooks (not permitted: the token lacks Webhooks: read)\n"
            "        1  unheard of\n"
            "1 document is still to be asked for: the next backup goes on with that\n"
            "        2  releases\n");
  EXPECT_EQ(
      overview_json(documents()).dump(),
      R"({"kinds":{"issue":{"kept":1204,"gone":3,"github":1205},"pull_request":{"kept":80},)"
      R"("discussion":{"kept":0,"absent":true},"comment":{"kept":0,"lacking":"limit \u001b]0;x\u0007"},)"
      R"("hook":{"kept":0,"not_permitted":"Webhooks: read"},"comment_graph":{"kept":7},"unheard_of":{"kept":1}},)"
      R"("pending":1,"releases":2})");
}

TEST(DocumentWords, AreThereForEveryKind) {
  for (const MetaKindRow& row : meta_kinds()) {
    EXPECT_NE(word_of_kind(row.name), nullptr) << row.name;
    EXPECT_NE(find_document_word(row.name), nullptr) << row.name;
  }
  for (const DocumentWord& word : document_words()) {
    EXPECT_EQ(find_document_word(word.word), &word);
    EXPECT_TRUE(word.kind == kRelease || find_meta_kind(word.kind)) << word.word;
  }
}

TEST(DocumentWords, AreThoseThatPeopleSay) {
  for (const auto& [said, word] : std::map<std::string, std::string>{{"issue", "issues"},
                                                                     {"PRs", "pulls"},
                                                                     {"pr", "pulls"},
                                                                     {"pull_requests", "pull-requests"},
                                                                     {"release", "releases"},
                                                                     {"deploy_keys", "deploy-keys"},
                                                                     {"webhook", "hooks"},
                                                                     {"advisories", "security-advisories"}}) {
    ASSERT_NE(find_document_word(said), nullptr) << said;
    EXPECT_EQ(find_document_word(said)->word, word);
  }
  EXPECT_EQ(find_document_word("frobs"), nullptr);
  EXPECT_EQ(find_document_word(""), nullptr);
}

std::vector<ListRow> rows() {
  return {{.name = "#12",
           .state = "open",
           .title = "Logout works again, and so does everything else that once was broken\nmore",
           .author = "octocat",
           .at = "2026-11-02T10:00:00Z"},
          {.name = "#3",
           .state = "closed",
           .title = "Short",
           .author = "hubot",
           .at = "2026-11-01T10:00:00Z",
           .gone = kTime}};
}

TEST(ListText, IsAsWideAsTheTerminal) {
  EXPECT_EQ(list_text(rows(), 40),
            "#12  open          Logout works again, …\n"
            " #3  closed, gone  Short\n");
  EXPECT_EQ(list_text(rows(), 80),
            "#12  open          Logout works again, and so do…  octocat  2026-11-02 10:00 UTC\n"
            " #3  closed, gone  Short                           hubot    2026-11-01 10:00 UTC\n");
  const std::string wide = list_text(rows(), 200);
  EXPECT_THAT(wide, HasSubstr("that once was broken  "));
  for (const std::size_t width : {1U, 20U, 40U, 80U, 200U})
    for (const std::string_view line : split(list_text(rows(), width), '\n'))
      EXPECT_LE(columns_of(line), width) << line;
}

TEST(ListText, IsNotCutWhereItIsPiped) {
  EXPECT_EQ(
      list_text(rows(), 0),
      "#12  open          Logout works again, and so does everything else that once was broken  octocat  "
      "2026-11-02 10:00 UTC\n"
      " #3  closed, gone  Short  hubot  2026-11-01 10:00 UTC\n");
  EXPECT_EQ(list_text({}, 0), "");
}

TEST(ListText, IsSafeForATerminal) {
  const std::vector<ListRow> bad = {
      {.name = kEscape, .state = kEscape, .title = kEscape, .author = kEscape, .at = kEscape}};
  for (const std::size_t width : {0U, 40U, 200U}) {
    EXPECT_THAT(list_text(bad, width), Not(HasSubstr("\x1b")));
    EXPECT_THAT(document_text(bad.front(), Json{{kEscape, kEscape}, {"body", kEscape}}, 80),
                Not(HasSubstr("\x1b")));
  }
}

TEST(ListText, IsMadeOfDocumentsOfAnyShape) {
  const auto row = [](const char* kind, const char* document) {
    return row_of(MetaLine{.kind = kind, .id = "7", .parent = {}, .document = document},
                  parse_ordered_json(document));
  };
  const ListRow milestone = row("milestone", R"({"title":"v2","state":"open","creator":{"login":"hubot"}})");
  EXPECT_EQ(milestone.name + milestone.title + milestone.state + milestone.author, "#7v2openhubot");
  const ListRow release = row("release", R"({"tag_name":"v1","name":"One","draft":true,"author":null})");
  EXPECT_EQ(release.name + release.title + release.state + release.author, "v1Onedraft");
  const ListRow none = row("hook", R"({"name":3,"user":[],"state":{}})");
  EXPECT_EQ(none.name + none.title + none.state + none.author, "73");
}

TEST(ListText, IsInTheOrderOfNumbers) {
  std::vector<ListRow> list = {{.name = "b"}, {.name = "10"}, {.name = "#9"}, {.name = "a"}};
  sort_rows(list);
  EXPECT_EQ(list[0].name + list[1].name + list[2].name + list[3].name, "#910ab");
}

TEST(DocumentText, SaysAllButAddresses) {
  const Json release = {{"id", 9},
                        {"html_url", "https://github.com/acme/site/releases/v1"},
                        {"tag_name", "v1"},
                        {"draft", false},
                        {"published_at", "2026-11-01T10:00:00Z"},
                        {"author", {{"login", "octocat"}}},
                        {"assets", {{{"name", "a.zip"}}, {{"name", "b.zip"}}}},
                        {"body", "First.\n\nSecond."}};

  EXPECT_EQ(document_text({.name = "v1", .title = "One"}, release, 80),
            "v1  One\n"
            "tag_name: v1\n"
            "draft: false\n"
            "published_at: 2026-11-01 10:00 UTC\n"
            "author: octocat\n"
            "assets: a.zip, b.zip\n"
            "\n"
            "  First.\n"
            "\n"
            "  Second.\n");
}

TEST(Columns, AreTwoOfWideCharactersAndNoneOfAccents) {
  EXPECT_EQ(columns_of("aé漢"), 4U);
  EXPECT_EQ(columns_of("e\u0301"), 1U);
  EXPECT_EQ(cut_to("漢字漢字", 5), "漢字…");
  EXPECT_EQ(cut_to("漢字漢字", 4), "漢…");
  EXPECT_EQ(cut_to("abc", 3), "abc");
  EXPECT_EQ(columns_of("\xff\xe4"), 2U);
}

TEST(JsonList, GoesOutAnItemAtATimeInAsciiAlone) {
  std::string text;
  JsonList list([&](std::string_view more) { text += more; });
  list.add({{"a", "é\x1b"}});
  EXPECT_EQ(text, "[\n{\"a\":\"\\u00e9\\u001b\"}");
  list.add({{"b", 1}});
  list.finish();
  EXPECT_EQ(parse_json(text).size(), 2U);

  text.clear();
  JsonList([&](std::string_view more) { text += more; }).finish();
  EXPECT_EQ(text, "[]\n");
}

}  // namespace
}  // namespace hubkeep
