// Exports of vaults that are made by hand, in all formats.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "base/error_of.h"
#include "base/json.h"
#include "crypto/hash.h"
#include "git/bundle.h"
#include "localgit/git_fixture.h"
#include "metadata/attachment_links.h"
#include "metadata/conversation.h"
#include "metadata/export_repository.h"
#include "metadata/markdown_page.h"
#include "metadata/yaml_text.h"
#include "restore/workshop.h"
#include "store/folder/folder_store.h"
#include "vault/git_part.h"
#include "vault/meta_part.h"
#include "vault/refs_object.h"

namespace hubkeep {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

constexpr UtcTime kTime{std::chrono::seconds(1'800'000'000)};
constexpr const char* kFolder = "repos/github.com/acme/site.7/";
constexpr const char* kImage = "https://github.com/user-attachments/assets/shot";

class ExportTest : public testing::Test {
 protected:
  ExportTest() {
    source_.commit("a.txt", "content\n");
    manifest_.snapshot = snapshot();
    manifest_.program = "test";
    manifest_.host = "github.com";
    manifest_.repository_id = 7;
    manifest_.listing.full_name = "acme/site";
    manifest_.listing.clone_url = "https://github.com/acme/site.git";
    manifest_.listing.default_branch = "main";
    manifest_.listing.visibility = "public";
  }

  static SnapshotId snapshot() { return SnapshotId::parse("20261111T000000Z-00000a").value(); }

  ObjectRecord store(const std::string& record_key, const std::string& content) {
    RecordedWriter writer = vault_.objects().create(kFolder, record_key);
    writer.write(content);
    return writer.commit();
  }

  void add(const std::string& kind, const std::string& id, const Json& document,
           const std::string& parent = "") {
    const std::string text = document.dump();
    lines_ += to_line({.kind = kind, .id = id, .parent = parent, .at = kTime, .document = text});
  }
  void add_gone(const std::string& kind, const std::string& id, const std::string& parent = "") {
    gone_ += to_line({.kind = kind, .id = id, .parent = parent, .gone = kTime, .document = {}});
  }
  static Json user(const std::string& login) { return {{"login", login}, {"id", login.size() + 100}}; }
  static Json issue(int number, const std::string& title, const std::string& body) {
    return {{"number", number},
            {"title", title},
            {"state", "open"},
            {"locked", false},
            {"user", user("octocat")},
            {"body", body},
            {"comments", 1},
            {"created_at", "2026-11-01T10:00:00Z"},
            {"updated_at", "2026-11-02T10:00:00Z"},
            {"closed_at", nullptr},
            {"milestone", nullptr},
            {"assignees", Json::array()},
            {"labels", Json::array({{{"name", "bug"}, {"color", "ff0000"}, {"description", nullptr}}})}};
  }
  static Json comment(int id, const std::string& body) {
    return {{"id", id},
            {"user", user("hubot")},
            {"body", body},
            {"created_at", fmt::format("2026-11-01T11:00:{:02}Z", id % 60)},
            {"updated_at", fmt::format("2026-11-01T11:00:{:02}Z", id % 60)}};
  }

  /// An issue with all that can be said of one, and a pull request from a fork.
  void add_world() {
    Json first = issue(3, "Login: fails", fmt::format("See ![shot]({}?jwt=x).", kImage));
    first["milestone"] = {{"title", "v2"}};
    add("issue", "3", first);
    add("comment", "11", comment(11, "Why?"), "3");
    add("comment", "12", comment(12, "deleted later"), "3");
    add("comment_graph", "IC_11",
        {{"__typename", "IssueComment"},
         {"fullDatabaseId", "11"},
         {"isMinimized", false},
         {"reactions", {{"nodes", {{{"content", "THUMBS_UP"}, {"user", {{"login", "octocat"}}}}}}}}},
        "3");
    add("issue_graph", "3",
        {{"number", 3},
         {"reactions", {{"nodes", {{{"content", "HEART"}, {"user", {{"login", "hubot"}}}}}}}},
         {"timelineItems",
          {{"nodes",
            {{{"__typename", "RenamedTitleEvent"},
              {"createdAt", "2026-11-01T12:00:00Z"},
              {"actor", {{"login", "hubot"}}},
              {"previousTitle", "Login"},
              {"currentTitle", "Login: fails"}},
             {{"__typename", "LabeledEvent"},
              {"createdAt", "2026-11-01T12:00:01Z"},
              {"actor", {{"login", "hubot"}}},
              {"label", {{"name", "bug"}}}}}}}}});
    Json pull = issue(4, "Fix it", "");
    pull["pull_request"] = {{"merged_at", nullptr}};
    add("issue", "4", pull);
    add("pull_request", "4",
        {{"number", 4},
         {"headRefName", "fix"},
         {"headRefOid", std::string(40, 'a')},
         {"baseRefName", "main"},
         {"baseRefOid", std::string(40, 'b')},
         {"isCrossRepository", true},
         {"headRepositoryOwner", {{"login", "octocat"}}},
         {"reviews",
          {{"nodes",
            {{{"fullDatabaseId", "70"},
              {"state", "DISMISSED"},
              {"body", "fine"},
              {"author", {{"login", "hubot"}}},
              {"commit", {{"oid", std::string(40, 'c')}}},
              {"submittedAt", "2026-11-01T12:00:00Z"}}}}}}});
    Json line = comment(81, "why?");
    line["pull_request_review_id"] = 70;
    line["path"] = "a.txt";
    line["line"] = 12;
    line["side"] = "LEFT";
    line["diff_hunk"] = "@@ -1 +1 @@\n-x";
    line["commit_id"] = std::string(40, 'd');
    add("review_comment", "81", line, "4");
    add("discussion", "5",
        {{"number", 5},
         {"title", "How?"},
         {"body", "text"},
         {"author", {{"login", "octocat"}}},
         {"createdAt", "2026-11-01T10:00:00Z"},
         {"updatedAt", "2026-11-01T10:00:00Z"}});
    add("label", "1", {{"name", "bug"}, {"color", "ff0000"}, {"description", nullptr}});
    add("milestone", "1",
        {{"title", "v2"},
         {"description", nullptr},
         {"state", "open"},
         {"due_on", nullptr},
         {"created_at", "2026-11-01T10:00:00Z"},
         {"updated_at", "2026-11-01T10:00:00Z"},
         {"closed_at", nullptr}});
    add("repository", "7",
        {{"description", "a \u2028site"},
         {"html_url", "https://github.com/acme/site"},
         {"topics", Json::array({"web"})}});
    add_gone("comment", "12", "3");
  }

  void add_attachment() {
    const std::string oid = sha256_hex("pixels");
    Json line =
        to_json(store("/attachments/" + oid.substr(0, 2) + "/" + oid.substr(2, 2) + "/" + oid, "pixels"));
    line["addresses"] = Json::array({{{"url", kImage}, {"name", "my shot.png"}}});
    Json objects = Json::array({to_json(store("attachments/list.zst", line.dump() + "\n"))});
    objects[0]["lists"] = true;
    manifest_.parts.emplace("attachments", Part({{"status", "ok"}, {"objects", objects}}));
  }
  void add_release() {
    const Json release = {{"id", 1},
                          {"tag_name", "v1"},
                          {"name", "One"},
                          {"created_at", "2026-11-01T10:00:00Z"},
                          {"author", user("octocat")},
                          {"assets", Json::array({{{"id", 11}, {"name", "a.zip"}, {"size", 3}},
                                                  {{"id", 12}, {"name", "lost.zip"}, {"size", 3}}})}};
    const std::string list = to_json(store("releases/assets/11", "zip")).dump() + "\n";
    Json objects = Json::array({to_json(store("releases/list.zst", list))});
    objects[0]["lists"] = true;
    manifest_.parts.emplace(
        "releases",
        Part({{"status", "ok"},
              {"releases", 1},
              {"documents", Json::array({to_json(store("releases/all.jsonl.zst", release.dump() + "\n"))})},
              {"objects", objects}}));
  }

  void commit() {
    RefState state = source_.refs();
    const Oid tip = state.refs.begin()->oid;
    state.refs.add("refs/pull/4/head", tip);
    RecordedWriter writer = vault_.objects().create(kFolder, "git/" + snapshot().str() + ".bundle");
    write_bundle_header({.refs = state.refs}, writer);
    writer.write(source_.pack());
    GitPart git;
    git.head = state.head;
    git.refs = {
        write_refs_object(vault_.objects(), kFolder, "git/" + snapshot().str() + ".refs.zst", state.refs)};
    git.bundles = {{.snapshot = snapshot(), .builds_on = {}, .objects = 3, .record = writer.commit()}};
    manifest_.parts.emplace("git", to_part(git));
    MetaPart meta;
    if (!lines_.empty()) meta.documents.push_back({store("meta/first.jsonl.zst", lines_), 0});
    if (!gone_.empty()) meta.documents.push_back({store("meta/second.jsonl.zst", gone_), 0});
    if (!meta.documents.empty()) manifest_.parts.emplace("meta", to_part(meta));
    const std::string sha256 = vault_.write_manifest(kFolder, manifest_);
    vault_.update_catalog({{.entry = entry_of(manifest_, sha256, kFolder), .has_new_snapshot = true}},
                          [](const std::string&) {}, {});
  }

  ExportOutcome run(ExportFormat format) {
    return export_repository(vault_, {.repository = "acme/site", .folder = target(), .format = format},
                             [&](const std::string& text) { notices_.push_back(text); }, {});
  }
  fs::path target() const { return target_.path() / "out"; }
  std::string file(const std::string& name) const { return read_file(target() / name); }
  Json yaml(const std::string& name) const { return parse_ordered_json(file(name), 1 << 20); }

  SourceRepository source_;
  ScratchFolder vault_folder_;
  ScratchFolder target_;
  SystemClock clock_;
  Vault vault_{std::make_unique<FolderStore>(vault_folder_.path().string(), OpenMode::create),
               OpenMode::create, clock_};
  Manifest manifest_;
  std::string lines_;
  std::string gone_;
  std::vector<std::string> notices_;
};

TEST_F(ExportTest, AsJsonHasAFolderForEachKindWithDocumentsAsTheyCame) {
  add_world();
  add_release();
  commit();

  const ExportOutcome outcome = run(ExportFormat::json);

  EXPECT_EQ(file("label/documents.jsonl"), "{\"name\":\"bug\",\"color\":\"ff0000\",\"description\":null}\n");
  EXPECT_EQ(file("comment/documents.jsonl"), comment(11, "Why?").dump() + "\n");
  EXPECT_EQ(file("comment/gone.jsonl"), "{\"gone\":\"" + format_time(kTime) +
                                            "\",\"document\":" + comment(12, "deleted later").dump() + "}\n");
  EXPECT_THAT(file("release/documents.jsonl"), HasSubstr("\"tag_name\":\"v1\""));
  EXPECT_EQ(outcome.documents, 13U);
}

TEST_F(ExportTest, HasAllConversationsHoweverFewDocumentsAreHeld) {
  add_world();
  commit();
  const std::stop_token stop;
  const MetaDocuments documents(vault_.objects(), kFolder, meta_part(manifest_.parts.at("meta")), stop);
  const auto read = [&](ByteCount held) {
    std::vector<std::string> all;
    visit_conversations(
        documents,
        [&](const Conversation& conversation) {
          all.push_back(fmt::format("{} {}", conversation.item.number, conversation.entries.size()));
        },
        held);
    return all;
  };

  EXPECT_THAT(read(kHeldDocuments), ElementsAre("3 5", "4 3", "5 1"));
  EXPECT_EQ(read(1), read(kHeldDocuments));
}

TEST_F(ExportTest, WritesOverNothing) {
  add_world();
  commit();
  fs::create_directories(target());
  write_file(target() / "mine.txt", "mine");

  EXPECT_THAT(error_of([&] { run(ExportFormat::json); }).message(), HasSubstr("is left alone"));

  EXPECT_EQ(file("mine.txt"), "mine");
  fs::remove(target() / "mine.txt");
  EXPECT_NO_THROW(run(ExportFormat::json));
  EXPECT_TRUE(fs::exists(target() / "issue/documents.jsonl"));
}

TEST_F(ExportTest, ThatBrokeOffIsSaidToTheNext) {
  add_world();
  commit();
  const fs::path left = target_.path() / (std::string(kScratchFolder) + "export-out");
  fs::create_directory(left);

  EXPECT_THAT(error_of([&] { run(ExportFormat::json); }).message(),
              AllOf(HasSubstr("export-out"), HasSubstr("remove it")));

  EXPECT_FALSE(fs::exists(target()));
  fs::remove(left);
  EXPECT_NO_THROW(run(ExportFormat::json));
}

TEST_F(ExportTest, OfDamagedDocumentsIsNone) {
  add_world();
  lines_ += "{\"kind\":1}\n";
  commit();

  for (const ExportFormat format : {ExportFormat::json, ExportFormat::markdown, ExportFormat::gitea}) {
    EXPECT_THROW(run(format), Error);
    EXPECT_TRUE(fs::is_empty(target_.path()));
  }
}

TEST_F(ExportTest, OfASnapshotWithoutDocumentsSaysSo) {
  commit();

  EXPECT_THAT(error_of([&] { run(ExportFormat::markdown); }).message(),
              HasSubstr("has nothing of what GitHub"));
  EXPECT_NO_THROW(run(ExportFormat::gitea));
  EXPECT_EQ(yaml("issue.yml"), Json::array());
}

TEST_F(ExportTest, AsMarkdownHasAPageForEachWithItsAttachments) {
  add_world();
  add_attachment();
  commit();

  run(ExportFormat::markdown);

  const std::string page = file("issues/3.md");
  EXPECT_THAT(page, testing::StartsWith("---\nrepository: \"acme/site\"\nkind: \"issue\"\nnumber: 3\n"
                                        "title: \"Login: fails\"\nstate: \"open\"\nauthor: \"octocat\"\n"));
  EXPECT_THAT(page, HasSubstr("labels: [\"bug\"]\nmilestone: \"v2\"\n"));
  EXPECT_THAT(page, HasSubstr("See ![shot](../attachments/my%20shot.png)."));
  EXPECT_THAT(page, HasSubstr("**hubot**, 2026-11-01 11:00 UTC\n\nWhy?\n"));
  EXPECT_THAT(page, HasSubstr("not on GitHub any more since"));
  EXPECT_EQ(file("attachments/my shot.png"), "pixels");
  EXPECT_THAT(file("pulls/4.md"), HasSubstr("**hubot** on a.txt:12, "));
  EXPECT_THAT(file("pulls/4.md"), HasSubstr("```diff\n@@ -1 +1 @@\n-x\n```"));
  EXPECT_THAT(file("discussions/5.md"), HasSubstr("# How? (#5)"));
  EXPECT_THAT(file("index.md"), HasSubstr("- [#3 Login: fails](issues/3.md), open issue by octocat, "));
}

// modules/migration/schemas of Gitea: these members and no others, of these types.
void expect_members(const Json& value, const std::map<std::string, std::string>& members,
                    const std::set<std::string>& required) {
  for (const auto& [name, member] : value.items()) {
    const auto found = members.find(name);
    ASSERT_NE(found, members.end()) << name;
    const std::string type = member.is_number() ? "number" : member.type_name();
    EXPECT_THAT(found->second, HasSubstr(type)) << name;
  }
  for (const std::string& name : required) EXPECT_TRUE(value.contains(name)) << name;
}

void expect_label(const Json& label) {
  expect_members(label, {{"name", "string"}, {"color", "string"}, {"description", "string"}}, {"name"});
}

void expect_reactions(const Json& reactions) {
  for (const Json& each : reactions)
    expect_members(each, {{"user_id", "number"}, {"user_name", "string"}, {"content", "string"}},
                   {"user_id", "content"});
}

void expect_issue(const Json& issue) {
  expect_members(
      issue,
      {{"number", "number"},
       {"poster_id", "number"},
       {"poster_name", "string"},
       {"poster_email", "string"},
       {"title", "string"},
       {"content", "string"},
       {"ref", "string"},
       {"milestone", "string"},
       {"state", "string"},
       {"is_locked", "boolean"},
       {"created", "string"},
       {"updated", "string"},
       {"closed", "string or null"},
       {"labels", "array"},
       {"reactions", "array"},
       {"assignees", "array"}},
      {"number", "poster_id", "poster_name", "title", "content", "state", "is_locked", "created", "updated"});
  for (const Json& label : issue.at("labels")) expect_label(label);
  expect_reactions(issue.at("reactions"));
}

TEST_F(ExportTest, ForGiteaKeepsToItsSchemas) {
  add_world();
  add("issue", "6", {{"number", 6}, {"user", nullptr}, {"state", "closed"}, {"labels", {"old"}}});
  commit();

  run(ExportFormat::gitea);

  const Json issues = yaml("issue.yml");
  ASSERT_THAT(issues, SizeIs(2));
  for (const Json& issue : issues) expect_issue(issue);
  EXPECT_EQ(issues[0].at("reactions"),
            Json::array({{{"user_id", 105}, {"user_name", "hubot"}, {"content", "heart"}}}));
  EXPECT_EQ(issues[0].at("milestone"), "v2");
  expect_label(yaml("label.yml").at(0));
  expect_members(yaml("milestone.yml").at(0),
                 {{"title", "string"},
                  {"description", "string"},
                  {"deadline", "string or null"},
                  {"created", "string"},
                  {"updated", "string or null"},
                  {"closed", "string or null"},
                  {"state", "string"}},
                 {"title", "description", "deadline", "created", "updated", "closed", "state"});
  // Comments have a type and what belongs to it, of which the schema does not know.
  const Json comments = yaml("comments/3.yml");
  for (Json comment : comments) {
    comment.erase("comment_type");
    comment.erase("meta");
    expect_members(comment,
                   {{"issue_index", "number"},
                    {"poster_id", "number"},
                    {"poster_name", "string"},
                    {"poster_email", "string"},
                    {"content", "string"},
                    {"created", "string"},
                    {"updated", "string"},
                    {"reactions", "array"}},
                   {"issue_index", "poster_id", "poster_name", "content", "created", "updated"});
  }
  ASSERT_THAT(comments, SizeIs(2));  // what was deleted is not among them
  EXPECT_EQ(comments[0].at("content"), "Why?");
  expect_reactions(comments[0].at("reactions"));
  EXPECT_THAT(comments[0].at("reactions"), SizeIs(1));
  EXPECT_EQ(comments[1].at("comment_type"), "change_title");
  EXPECT_EQ(comments[1].at("meta").at("NewTitle"), "Login: fails");
}

TEST_F(ExportTest, ForGiteaHasTheRepositoryAsTexts) {
  add_world();
  commit();

  run(ExportFormat::gitea);

  const Json repository = yaml("repo.yml");
  for (const auto& [name, value] : repository.items()) EXPECT_TRUE(value.is_string()) << name;
  EXPECT_EQ(repository.at("name"), "site");
  EXPECT_EQ(repository.at("service_type"), "2");
  EXPECT_EQ(repository.at("is_private"), "false");
  EXPECT_THAT(file("repo.yml"), HasSubstr("a \\u2028site"));
  EXPECT_EQ(yaml("topic.yml"), Json({{"topics", {"web"}}}));
}

TEST_F(ExportTest, ForGiteaBringsTheHeadOfAForkAsABranch) {
  add_world();
  commit();

  run(ExportFormat::gitea);

  const Json pull = yaml("pull_request.yml").at(0);
  EXPECT_EQ(pull.at("head").at("ref"), "octocat/fix");
  EXPECT_EQ(pull.at("head").at("owner_name"), "acme");
  const std::string tip = git(target() / "git", {"rev-parse", "refs/heads/octocat/fix"});
  EXPECT_EQ(pull.at("head").at("sha").get<std::string>() + "\n", tip);
  EXPECT_EQ(git(target() / "git", {"rev-parse", "refs/pull/4/head"}), tip);
  EXPECT_TRUE(fs::exists(target() / pull.at("patch_url").get<std::string>()));
  EXPECT_EQ(pull.at("base").at("ref"), "main");
  EXPECT_FALSE(pull.at("merged").get<bool>());
}

TEST_F(ExportTest, ForGiteaHasReviewsWithTheirLines) {
  add_world();
  Json alone = comment(82, "of a review that is not known");
  alone["pull_request_review_id"] = 71;
  alone["original_line"] = 5;
  alone["original_commit_id"] = std::string(40, 'e');
  add("review_comment", "82", alone, "4");
  commit();

  run(ExportFormat::gitea);

  const Json reviews = yaml("reviews/4.yml");
  ASSERT_THAT(reviews, SizeIs(2));
  EXPECT_EQ(reviews[0].at("state"), "COMMENTED");  // Gitea hides dismissed ones
  EXPECT_EQ(reviews[0].at("reviewer_id"), 105);
  ASSERT_THAT(reviews[0].at("comments"), SizeIs(1));
  EXPECT_EQ(reviews[0].at("comments")[0].at("line"), -12);
  EXPECT_EQ(reviews[0].at("comments")[0].at("tree_path"), "a.txt");
  EXPECT_EQ(reviews[1].at("comments")[0].at("line"), 5);
  EXPECT_EQ(reviews[1].at("comments")[0].at("commit_id"), std::string(40, 'e'));
}

TEST_F(ExportTest, ForGiteaHasReleasesWithTheAssetsThatThereAre) {
  add_world();
  add_release();
  commit();

  run(ExportFormat::gitea);

  const Json releases = yaml("release.yml");
  ASSERT_THAT(releases, SizeIs(1));
  ASSERT_THAT(releases[0].at("assets"), SizeIs(1));
  const Json& asset = releases[0].at("assets")[0];
  EXPECT_EQ(asset.at("download_url"), "release_assets/v1/a.zip");
  EXPECT_TRUE(asset.at("size").is_number() && asset.at("download_count").is_number());
  EXPECT_EQ(file("release_assets/v1/a.zip"), "zip");
  EXPECT_FALSE(fs::exists(target() / "release_assets/v1/release.json"));
}

TEST(YamlText, HasNothingThatReadersOfYamlTakeOtherwise) {
  const Json value = {{"a", "\u0085 \u2028 \u2029 \ufeff \x7f \uffff é 😀 \n\""}};

  const std::string text = yaml_text(value);

  EXPECT_EQ(text, "{\"a\":\"\\u0085 \\u2028 \\u2029 \\ufeff \\u007f \\uffff é 😀 \\n\\\"\"}");
  EXPECT_EQ(Json::parse(text), value);
}

TEST(AttachmentLinks, RewriteWholeAddressesAlone) {
  const AttachmentLinks links({{"https://x.org/a", "f 1"}, {"https://x.org/ab", "f2"}});

  EXPECT_EQ(links.rewrite(
                "(https://x.org/a), <https://x.org/ab?jwt=1>. https://x.org/abc http://x https://x.org/a."),
            "(f%201), <f2>. https://x.org/abc http://x f%201.");
}

TEST(MarkdownLine, HasNoMeaning) {
  EXPECT_THAT(markdown_line("[b](c)\n# x"), AllOf(testing::StartsWith("\\[b\\]"), Not(HasSubstr("\n"))));
}

}  // namespace
}  // namespace hubkeep
