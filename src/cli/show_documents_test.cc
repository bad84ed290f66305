// `hubkeep show` of a repository: from a vault in a folder to what is printed.
#include "cli/show_documents.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "base/clock.h"
#include "base/error.h"
#include "base/json.h"
#include "base/scratch_folder.h"
#include "store/folder/folder_store.h"
#include "vault/meta_line.h"
#include "vault/meta_part.h"
#include "vault/releases_part.h"
#include "vault/stored_objects.h"

namespace hubkeep {
namespace {

using testing::AllOf;
using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;

UtcTime day(int number) {
  return UtcTime(std::chrono::sys_days{std::chrono::year{2026} / 11 / number});
}

class ShowDocumentsTest : public testing::Test {
 protected:
  static std::string folder_of(int id) { return fmt::format("repos/github.com/acme/site.{}/", id); }

  Manifest manifest(int on, int id = 1) {
    Manifest made{.snapshot = SnapshotId::make(day(on)),
                  .program = "hubkeep 0.1.0",
                  .host = "github.com",
                  .repository_id = id,
                  .node_id = fmt::format("R_{}", id),
                  .listing = {},
                  .previous = {},
                  .parts = {{"git", to_part(GitPart())}}};
    made.listing.full_name = id == 1 ? "acme/site" : fmt::format("acme/other{}", id);
    made.listing.listed_at = made.snapshot.time();
    return made;
  }
  void add_meta(Manifest& to, const std::string& lines, MetaPart part = {}) {
    RecordedWriter writer = vault_.objects().create(folder_of(static_cast<int>(to.repository_id.number())),
                                                    "meta/" + to.snapshot.str() + ".jsonl.zst");
    writer.write(lines);
    part.documents = {{writer.commit(), 0}};
    to.parts.emplace("meta", to_part(part));
  }
  void write(const Manifest& manifest) {
    vault_.write_manifest(folder_of(static_cast<int>(manifest.repository_id.number())), manifest);
  }
  static std::string issue(int number, const std::string& title, const std::string& more = "") {
    return to_line(
        {.kind = "issue",
         .id = std::to_string(number),
         .parent = {},
         .at = day(1),
         .document = fmt::format(
             R"({{"number":{},"title":"{}","state":"open","user":{{"login":"octocat"}},"body":"It does.",)"
             R"("created_at":"2026-11-01T10:00:00Z","updated_at":"2026-11-01T10:00:00Z"{}}})",
             number, title, more)});
  }
  void write_usual() {
    Manifest made = manifest(2);
    MetaPart part;
    part.counts = {{"issue", {.kept = 2}}};
    part.not_permitted = {{"hook", "Webhooks: read"}};
    part.absent = {"discussion"};
    add_meta(made,
             issue(3, "Login fails") + issue(4, "Fix it", R"(,"pull_request":{})") +
                 to_line({.kind = "label",
                          .id = "5",
                          .parent = {},
                          .at = day(1),
                          .document = R"({"id":5,"name":"bug"})"}),
             part);
    write(made);
  }

  std::string show(const std::vector<std::string>& words, const std::string& at = "", bool json = false,
                   const std::string& repository = "acme/site") {
    ShowRequest request = show_request(repository, words);
    request.at = at;
    request.json = json;
    return printed([&] { show_documents(vault_, request, {}); });
  }
  std::string search(const SearchRequest& request, ExitCode expected = ExitCode::ok) {
    return printed([&] { EXPECT_EQ(search_documents(vault_, request, {}), expected); });
  }
  template <typename Action>
  static std::string printed(Action&& action) {
    testing::internal::CaptureStdout();
    try {
      action();
    } catch (const Error& error) {
      return testing::internal::GetCapturedStdout() + "error: " + error.message();
    }
    return testing::internal::GetCapturedStdout();
  }

  ScratchFolder scratch_;
  SystemClock clock_;
  Vault vault_{std::make_unique<FolderStore>(scratch_.path().string(), OpenMode::create), OpenMode::create,
               clock_};
};

TEST_F(ShowDocumentsTest, AVaultWithoutTheRepositorySaysSo) {
  EXPECT_THAT(show({}), StartsWith("error: the vault holds no repository acme/site"));
  EXPECT_EQ(search({.word = "x"}), "");
}

TEST_F(ShowDocumentsTest, WhatIsNotSavedYetIsSaidWithWhatToDo) {
  write(manifest(2));

  for (const auto& words : {std::vector<std::string>{}, {"issues"}, {"3"}, {"labels"}})
    EXPECT_THAT(show(words), AllOf(StartsWith("error: acme/site: the snapshot "), HasSubstr("has no issues"),
                                   HasSubstr("`hubkeep backup` saves them")));
  EXPECT_THAT(show({"releases"}), HasSubstr("has no releases"));
}

TEST_F(ShowDocumentsTest, ShowsListsAndWhateverHasANumber) {
  write_usual();

  EXPECT_EQ(show({"issues"}), "#3  open  Login fails  octocat  2026-11-01 10:00 UTC\n");
  EXPECT_EQ(show({"pulls"}), "#4  open  Fix it  octocat  2026-11-01 10:00 UTC\n");
  EXPECT_EQ(show({"labels"}), "5  bug\n");
  EXPECT_EQ(show({"label", "bug"}), "5  bug\nname: bug\n");
  EXPECT_THAT(show({"3"}), AllOf(StartsWith("acme/site#3  Login fails\nopen issue by octocat"),
                                 EndsWith("\n\n  It does.\n")));
  EXPECT_EQ(show({"pulls", "4"}), show({"4"}));
  EXPECT_EQ(show({"#4"}), show({"4"}));
  EXPECT_THAT(show({"33"}), StartsWith("error: acme/site has no #33 in the snapshot "));
  EXPECT_THAT(show({"labels", "x"}), StartsWith("error: acme/site has no label x"));
  EXPECT_EQ(show({"hooks"}), "");
}

TEST_F(ShowDocumentsTest, ShowsEverythingInNumbers) {
  write_usual();

  EXPECT_THAT(show({}), AllOf(StartsWith("acme/site as of 2026-11-02 00:00 UTC, snapshot "),
                              HasSubstr("        2  issues and pull requests\n"),
                              HasSubstr("hooks (not permitted: the token lacks Webhooks: read)"),
                              HasSubstr("discussions (switched off)")));
  EXPECT_EQ(parse_ordered_json(show({}, "", true)).at("kinds").at("issue").dump(), R"({"kept":2})");
}

TEST_F(ShowDocumentsTest, GivesProgramsTheDocuments) {
  write_usual();

  const auto issues = parse_ordered_json(show({"issues"}, "", true));
  ASSERT_EQ(issues.size(), 1U);
  EXPECT_EQ(issues[0].at("document").at("title"), "Login fails");
  EXPECT_EQ(issues[0].at("gone"), nullptr);
  EXPECT_EQ(show({"hooks"}, "", true), "[]\n");
  EXPECT_EQ(parse_ordered_json(show({"4"}, "", true)).at("item").at("id"), "4");
  EXPECT_THAT(show({"33"}, "", true), StartsWith("error: acme/site has no #33"));
}

TEST_F(ShowDocumentsTest, ShowsTheStateOfATime) {
  Manifest first = manifest(2);
  add_meta(first, issue(3, "Old title"));
  write(first);
  Manifest second = manifest(4);
  add_meta(second, issue(3, "New title"));
  write(second);

  EXPECT_THAT(show({"issues"}), HasSubstr("New title"));
  EXPECT_THAT(show({"issues"}, "2026-11-03"), HasSubstr("Old title"));
  EXPECT_THAT(show({"issues"}, first.snapshot.str()), HasSubstr("Old title"));
  EXPECT_THAT(show({"issues"}, "2026-11-01"), StartsWith("error: no snapshot is as old as"));
}

TEST_F(ShowDocumentsTest, SearchesOneRepositoryOrAll) {
  write_usual();
  Manifest other = manifest(2, 2);
  add_meta(other, issue(1, "LOGIN works"));
  write(other);

  EXPECT_EQ(search({.word = "login"}),
            "acme/site#3  issue  octocat  2026-11-01 10:00 UTC  Login fails\n"
            "acme/other2#1  issue  octocat  2026-11-01 10:00 UTC  LOGIN works\n");
  EXPECT_THAT(search({.word = "login", .repositories = {"acme/other2"}}), StartsWith("acme/other2#1"));
  EXPECT_EQ(search({.word = "nowhere"}), "");
  EXPECT_EQ(parse_ordered_json(search({.word = "login", .json = true})).size(), 2U);
  EXPECT_EQ(search({.word = "nowhere", .json = true}), "[]\n");
  EXPECT_THAT(search({.word = "x", .repositories = {"acme/none"}}),
              HasSubstr("holds no repository acme/none"));
}

TEST_F(ShowDocumentsTest, WhatIsMissingIsSaidAndTheRestIsSearched) {
  write_usual();
  Manifest broken = manifest(2, 2);
  add_meta(broken, issue(1, "Login works"));
  write(broken);
  remove_object(vault_.objects(),
                folder_of(2) + meta_part(broken.parts.at("meta")).documents.front().record.key);

  EXPECT_THAT(show({"1"}, "", false, "acme/other2"),
              AllOf(StartsWith("error: "),
                    HasSubstr("whether the vault is damaged is said by hubkeep verify --deep")));
  EXPECT_THAT(search({.word = "login"}, ExitCode::incomplete), StartsWith("acme/site#3"));
}

TEST(ShowRequest, IsAKindANumberOrBoth) {
  EXPECT_EQ(show_request("a/b", {"PRs", "7"}).kind, "pulls");
  EXPECT_EQ(show_request("a/b", {"7"}).id, "7");
  EXPECT_EQ(show_request("a/b", {"labels", "bug"}).id, "bug");
  for (const auto& words : {std::vector<std::string>{"frobs"}, {"issues", "x"}, {"-1"}, {"0"}, {""}})
    EXPECT_THROW(show_request("a/b", words), Error) << words.front();
  EXPECT_THROW(show_request("gist:aa5a", {"issues"}), Error);
}

}  // namespace
}  // namespace hubkeep
