#include "metadata/conversation.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "base/scratch_folder.h"
#include "metadata/conversation_text.h"
#include "metadata/document_list.h"
#include "store/folder/folder_store.h"
#include "vault/names.h"

namespace hubkeep {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

constexpr const char* kFolder = "repos/github.com/acme/site.1/";
constexpr UtcTime kTime{std::chrono::seconds(1'800'000'000)};

class ConversationTest : public testing::Test {
 protected:
  void add(const std::string& kind, const std::string& id, const std::string& document,
           const std::string& parent = "") {
    lines_ += to_line({.kind = kind, .id = id, .parent = parent, .at = kTime, .document = document});
  }
  /// Of what was added before.
  void add_gone(const std::string& kind, const std::string& id, const std::string& parent = "") {
    ++replaced_;
    lines_ += to_line({.kind = kind, .id = id, .parent = parent, .gone = kTime, .document = {}});
  }
  void add_issue(int number, const std::string& title, const std::string& more = "") {
    add("issue", std::to_string(number),
        fmt::format(
            R"({{"number":{},"title":"{}","state":"open","user":{{"login":"octocat"}},"body":"the text","comments":1,)"
            R"("created_at":"2026-11-01T10:00:00Z","updated_at":"2026-11-02T10:00:00Z","labels":[{{"name":"bug"}}]{}}})",
            number, title, more));
  }
  void add_comment(int id, const std::string& at, const std::string& body, const std::string& more = "") {
    add("comment", std::to_string(id),
        fmt::format(
            R"({{"id":{},"user":{{"login":"hubot"}},"body":"{}","created_at":"{}","updated_at":"{}"{}}})", id,
            body, at, at, more),
        "3");
  }

  MetaDocuments documents() {
    if (!lines_.empty()) {
      const std::string id = SnapshotId::make(kTime).str();
      RecordedWriter writer = objects_.create(kFolder, "meta/" + id + ".jsonl.zst");
      writer.write(lines_);
      part_.documents = {{writer.commit(), replaced_}};
    }
    return {objects_, kFolder, part_, stop_};
  }
  Conversation conversation(std::int64_t number) {
    auto found = read_conversation(documents(), number);
    EXPECT_TRUE(found);
    return found.value_or(Conversation());
  }
  static std::vector<std::string> texts(const Conversation& conversation) {
    std::vector<std::string> all;
    for (const ConversationEntry& entry : conversation.entries) all.push_back(entry.text);
    return all;
  }

  std::string lines_;
  std::uint64_t replaced_ = 0;
  MetaPart part_;
  ScratchFolder folder_;
  VaultObjects objects_{std::make_unique<FolderStore>(folder_.path().string(), OpenMode::create)};
  std::stop_token stop_;
};

TEST_F(ConversationTest, HasWhatWasSaidAndDoneInItsOrder) {
  add_issue(3, "Login fails", R"(,"milestone":{"title":"v2"},"assignees":[{"login":"hubot"}])");
  add_comment(12, "2026-11-01T12:00:00Z", "second");
  add_comment(11, "2026-11-01T11:00:00Z", "first", R"(,"reactions":{"+1":2,"heart":0})");
  add("issue_graph", "3",
      R"({"number":3,"timelineItems":{"nodes":[)"
      R"({"__typename":"SubscribedEvent","createdAt":"2026-11-01T11:20:00Z","actor":{"login":"hubot"}},)"
      R"({"__typename":"LabeledEvent","createdAt":"2026-11-01T11:30:00Z","actor":{"login":"hubot"},"label":{"name":"bug"}}]}})");
  add("issue", "4", R"({"number":4})");

  const Conversation read = conversation(3);

  EXPECT_THAT(texts(read), ElementsAre("the text", "first", "added the label 'bug'", "second"));
  EXPECT_EQ(read.milestone, "v2");
  EXPECT_THAT(read.assignees, ElementsAre("hubot"));
  ASSERT_THAT(read.entries[1].reactions, SizeIs(1));
  EXPECT_EQ(read.entries[1].reactions[0].content, "+1");
}

TEST_F(ConversationTest, OfAPullRequestHasReviewsAtTheirLines) {
  add_issue(3, "Fix it", R"(,"pull_request":{"merged_at":"2026-11-05T10:00:00Z"})");
  add("pull_request", "3",
      R"({"number":3,"headRefName":"fix","baseRefName":"main","headRepositoryOwner":{"login":"octocat"},"mergedBy":{"login":"hubot"},)"
      R"("reviews":{"nodes":[{"fullDatabaseId":"70","state":"APPROVED","body":"fine","author":{"login":"hubot"},"submittedAt":"2026-11-01T12:00:00Z"}]},)"
      R"("reviewThreads":{"nodes":[{"isResolved":true,"comments":{"nodes":[{"fullDatabaseId":"82"}]}}]}})");
  add("review_comment", "82",
      R"({"id":82,"in_reply_to_id":81,"user":{"login":"octocat"},"body":"done","created_at":"2026-11-03T10:00:00Z","updated_at":"2026-11-03T10:00:00Z"})",
      "3");
  add("review_comment", "81",
      R"({"id":81,"user":{"login":"hubot"},"body":"why?","path":"src/login.c","line":12,"diff_hunk":"@@ -1 +1 @@\n+x","created_at":"2026-11-01T11:00:00Z","updated_at":"2026-11-01T11:00:00Z"})",
      "3");

  const Conversation read = conversation(3);

  EXPECT_EQ(read.item.state, "merged");
  EXPECT_EQ(read.head, "octocat:fix");
  EXPECT_THAT(texts(read), ElementsAre("the text", "why?", "done", "fine"));
  EXPECT_TRUE(read.entries[1].is_resolved && read.entries[2].is_resolved);
  EXPECT_EQ(read.entries[1].line, "12");
  EXPECT_EQ(read.entries[3].state, "approved");
}

TEST_F(ConversationTest, OfADiscussionHasRepliesAfterWhatTheyReplyTo) {
  add("discussion", "5",
      R"({"number":5,"title":"How?","body":"text","author":{"login":"octocat"},"createdAt":"2026-11-01T10:00:00Z","updatedAt":"2026-11-01T10:00:00Z","isAnswered":true,"answer":{"id":"DC_2"},)"
      R"("comments":{"totalCount":2,"nodes":[)"
      R"({"id":"DC_1","databaseId":1,"body":"one","createdAt":"2026-11-01T11:00:00Z","replies":{"nodes":[{"id":"DC_3","databaseId":3,"body":"reply","createdAt":"2026-11-03T11:00:00Z"}]}},)"
      R"({"id":"DC_2","databaseId":2,"body":"two","createdAt":"2026-11-02T11:00:00Z","replies":{"nodes":[]}}]}})");

  const Conversation read = conversation(5);

  EXPECT_EQ(read.item.state, "answered");
  EXPECT_THAT(texts(read), ElementsAre("text", "one", "reply", "two"));
  EXPECT_TRUE(read.entries[3].is_answer);
}

TEST_F(ConversationTest, KeepsWhatIsGoneAndSaysSo) {
  add_issue(3, "Login fails");
  add_comment(11, "2026-11-01T11:00:00Z", "deleted later");
  add_gone("comment", "11", "3");
  add_gone("issue", "3");

  const Conversation read = conversation(3);

  EXPECT_EQ(read.item.gone, kTime);
  EXPECT_EQ(read.entries.at(1).gone, kTime);
  EXPECT_THAT(conversation_text(read, "acme/site", 80), HasSubstr("not on GitHub any more since"));
}

TEST_F(ConversationTest, OfANumberThatTheVaultDoesNotHaveIsNone) {
  add_issue(3, "Login fails");

  EXPECT_FALSE(read_conversation(documents(), 33));
}

TEST_F(ConversationTest, DocumentsOfAnyShapeAreRead) {
  add("issue", "3", R"({"number":null,"user":7,"labels":{},"pull_request":[]})");
  add("pull_request", "3",
      R"({"reviews":[1],"reviewThreads":{"nodes":[null,{"comments":{"nodes":[{}]}}]},"timelineItems":{"nodes":[3]}})");
  add("comment", "9", R"({"id":{},"reactions":3})", "3");

  EXPECT_THAT(conversation(3).entries, Not(IsEmpty()));
}

TEST_F(ConversationTest, AListHasTheNewestFirst) {
  add_issue(3, "Login fails");
  add_issue(12, "Logout works");
  add_issue(4, "Fix it", R"(,"pull_request":{"merged_at":null},"draft":true)");
  add_gone("issue", "3");

  const auto issues = list_items(documents(), ItemKind::issue);

  ASSERT_THAT(issues, SizeIs(2));
  std::vector<ListRow> rows;
  for (const ItemSummary& issue : issues) rows.push_back(row_of(issue));
  EXPECT_EQ(list_text(rows, 0),
            "#12  open        Logout works  octocat  2026-11-02 10:00 UTC\n"
            " #3  open, gone  Login fails  octocat  2026-11-02 10:00 UTC\n");
  const auto pulls = list_items(documents(), ItemKind::pull_request);
  ASSERT_THAT(pulls, SizeIs(1));
  EXPECT_EQ(pulls[0].state, "draft");
}

TEST(GistConversation, HasItsDescriptionAndComments) {
  const Conversation gist = gist_conversation(
      R"({"description":"Notes","public":false,"owner":{"login":"octocat"},"created_at":"2026-11-01T10:00:00Z"})",
      {R"({"id":1,"user":null,"body":"Thanks.","created_at":"2026-11-02T10:00:00Z","updated_at":"2026-11-02T10:00:00Z"})"});

  EXPECT_EQ(conversation_text(gist, "gist:aa5a", 80),
            "gist:aa5a  Notes\n"
            "secret gist by octocat, 2026-11-01 10:00 UTC, 1 comment\n"
            "\n"
            "ghost, 2026-11-02 10:00 UTC\n"
            "  Thanks.\n");
}

TEST(ConversationText, KeepsToTheWidthAndLeavesCodeAsItIs) {
  EXPECT_EQ(
      wrapped("one two three four five six seven\r\n\r\n```\nlong line of code that stays\n```\n", 20, "  "),
      "  one two three four\n  five six seven\n\n  ```\n  long line of code that stays\n  ```\n");
}

TEST(ConversationText, IsSafeForATerminal) {
  EXPECT_THAT(wrapped("\x1b[31mred\x1b]0;x\x07", 80, ""), Not(HasSubstr("\x1b")));
  Conversation conversation;
  conversation.item.title = "\x1b[2J";
  conversation.item.labels = {"\x1b[2J"};
  conversation.entries = {{.author = "\x1b[2J", .at = "\x1b[2J", .text = "\x1b[2J"},
                          {.kind = EntryKind::event, .author = "\x1b[2J", .at = "x", .text = "\x1b[2J"}};
  EXPECT_THAT(conversation_text(conversation, "acme/site", 80), Not(HasSubstr("\x1b")));
}

TEST(ConversationText, OfAnIssueReadsLikeAPage) {
  Conversation conversation;
  conversation.item = {.kind = ItemKind::issue,
                       .number = 3,
                       .title = "Login fails",
                       .state = "open",
                       .author = "octocat",
                       .created_at = "2026-11-01T10:00:00Z",
                       .updated_at = {},
                       .comments = 1,
                       .labels = {"bug", "login"},
                       .gone = {}};
  conversation.entries = {
      {.author = "octocat", .at = "2026-11-01T10:00:00Z", .text = "It does."},
      {.author = "hubot", .at = "2026-11-01T11:00:00Z", .text = "Why?", .reactions = {{"+1", 2}}},
      {.kind = EntryKind::event, .author = "hubot", .at = "2026-11-01T12:00:00Z", .text = "closed this"},
      {.kind = EntryKind::review_comment,
       .author = "hubot",
       .at = "2026-11-01T13:00:00Z",
       .text = "Here.",
       .path = "a.c",
       .line = "7",
       .diff = "@@ -1 +1 @@\n+x",
       .is_resolved = true}};

  EXPECT_EQ(conversation_text(conversation, "acme/site", 80),
            "acme/site#3  Login fails\n"
            "open issue by octocat, 2026-11-01 10:00 UTC, 1 comment\n"
            "labels: bug, login\n"
            "\n"
            "  It does.\n"
            "\n"
            "hubot, 2026-11-01 11:00 UTC\n"
            "  Why?\n"
            "  +1 2\n"
            "\n"
            "* hubot closed this, 2026-11-01 12:00 UTC\n"
            "\n"
            "hubot on a.c:7, 2026-11-01 13:00 UTC, resolved\n"
            "  > @@ -1 +1 @@\n"
            "  > +x\n"
            "  Here.\n");
}

}  // namespace
}  // namespace hubkeep
