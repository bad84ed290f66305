#include "backup/meta_issues.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "backup/meta_fakes.h"

namespace hubkeep {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

const std::string kIssueList = "/issues?state=all&sort=updated&direction=asc&per_page=100";
const std::string kCommentList = "/issues/comments?sort=updated&direction=asc&per_page=100";
const std::string kReviewCommentList = "/pulls/comments?sort=updated&direction=asc&per_page=100";

std::string issue(int number, const std::string& updated, const std::string& more = "") {
  return fmt::format(
      R"({{"number":{0},"node_id":"I_{0}","url":"https://api.github.com/repos/acme/site/issues/{0}","updated_at":"{1}"{2}}})",
      number, updated, more);
}
std::string pull_request(int number, const std::string& updated) {
  return issue(number, updated, R"(,"pull_request":{"url":"x"})");
}
std::string comment(int id, const std::string& created, const std::string& updated, int reactions = 0) {
  return fmt::format(
      R"({{"id":{0},"node_id":"IC_{0}","url":"https://api.github.com/repos/acme/site/issues/comments/{0}",)"
      R"("issue_url":"https://api.github.com/repos/acme/site/issues/3","created_at":"{1}","updated_at":"{2}",)"
      R"("reactions":{{"total_count":{3}}}}})",
      id, created, updated, reactions);
}

class IssuesTest : public testing::Test, public MetaBench {
 protected:
  void collect() { issues_collector()->collect(intake); }
};

TEST_F(IssuesTest, OfAWholeRepositoryComeInTheOrderOfTheirChanges) {
  intake.sweeps = {MetaKind::issue, MetaKind::comment, MetaKind::issue_graph, MetaKind::pull_request};
  answer(kIssueList,
         "[" + issue(3, "2026-11-01T10:00:00Z") + "," + pull_request(4, "2026-11-02T10:00:00Z") + "]");
  answer(kCommentList, "[" + comment(9, "2026-11-01T09:00:00Z", "2026-11-01T09:00:00Z") + "]");

  collect();

  EXPECT_THAT(intake.ids(MetaKind::issue), ElementsAre("3", "4"));
  EXPECT_EQ(intake.documents.at({MetaKind::issue, "3"}), issue(3, "2026-11-01T10:00:00Z"));
  EXPECT_EQ(intake.parents.at({MetaKind::comment, "9"}), "3");
  EXPECT_EQ(intake.cursors.at(MetaKind::issue), "2026-11-02T10:00:00Z");
  EXPECT_EQ(intake.requests.at(ApiKind::rest), 2);
  EXPECT_THAT(intake.pending_ids(MetaKind::issue_graph), IsEmpty()) << "all of it is asked for anyway";
}

TEST_F(IssuesTest, ThatChangedLeadToWhatOnlyGraphQLSaysOfThem) {
  intake.cursors = {{MetaKind::issue, "2026-11-02T10:00:00Z"}, {MetaKind::comment, "2026-11-02T10:00:00Z"}};
  answer(kIssueList + "&since=2026-11-02T09:55:00Z",
         "[" + issue(3, "2026-11-03T10:00:00Z") + "," + pull_request(4, "2026-11-04T10:00:00Z") + "]");
  answer(kCommentList + "&since=2026-11-02T09:55:00Z", "[]");

  collect();

  EXPECT_THAT(intake.pending_ids(MetaKind::issue_graph), ElementsAre("3"));
  EXPECT_THAT(intake.pending_ids(MetaKind::pull_request), ElementsAre("4"));
}

TEST_F(IssuesTest, ThatCameBeforeLeadNowhere) {
  intake.cursors = {{MetaKind::issue, "2026-11-02T10:00:00Z"}, {MetaKind::comment, "2026-11-02T10:00:00Z"}};
  intake.documents[{MetaKind::issue, "3"}] = issue(3, "2026-11-02T10:00:00Z");
  answer(kIssueList + "&since=2026-11-02T09:55:00Z", "[" + issue(3, "2026-11-02T10:00:00Z") + "]");
  answer(kCommentList + "&since=2026-11-02T09:55:00Z", "[]");

  collect();

  EXPECT_THAT(intake.pending_ids(MetaKind::issue_graph), IsEmpty());
}

TEST_F(IssuesTest, OfCommentsOnlyThoseThatWereEditedOrReactedToHaveMore) {
  intake.sweeps = {MetaKind::issue, MetaKind::comment};
  answer(kIssueList, "[]");
  answer(kCommentList, "[" + comment(1, "2026-11-01T09:00:00Z", "2026-11-01T09:00:00Z") + "," +
                           comment(2, "2026-11-01T09:00:00Z", "2026-11-01T09:00:01Z") + "," +
                           comment(3, "2026-11-01T09:00:02Z", "2026-11-01T09:00:02Z", 2) + "]");

  collect();

  EXPECT_THAT(intake.pending_ids(MetaKind::comment_graph), ElementsAre("IC_2", "IC_3"));
}

TEST_F(IssuesTest, ThatAreSwitchedOffAreAbsentAndTheirCommentsAreAskedForAllTheSame) {
  intake.sweeps = {MetaKind::issue, MetaKind::comment};
  answer(kIssueList, R"({"message":"Issues are disabled for this repo"})", 410);
  answer(kCommentList, "[" + comment(1, "2026-11-01T09:00:00Z", "2026-11-01T09:00:00Z") + "]");

  collect();

  EXPECT_THAT(intake.absent_kinds, ElementsAre(MetaKind::issue));
  EXPECT_THAT(intake.ids(MetaKind::comment), SizeIs(1));
}

TEST_F(IssuesTest, ThatTheTokenMayNotSeeNameThePermission) {
  intake.sweeps = {MetaKind::issue, MetaKind::comment};
  answer(kIssueList, R"({"message":"Resource not accessible by personal access token"})", 403,
         {{"X-Accepted-GitHub-Permissions", "issues=read"}});
  answer(kCommentList, R"({"message":"Resource not accessible by personal access token"})", 403,
         {{"X-Accepted-GitHub-Permissions", "issues=read; pull_requests=read"}});

  collect();

  EXPECT_EQ(intake.refused.at(MetaKind::issue), "issues=read");
  EXPECT_EQ(intake.refused.at(MetaKind::comment), "issues=read; pull_requests=read");
}

TEST_F(IssuesTest, ThatASweepDoesNotShowAreGoneOnlyIfGitHubSaysSo) {
  intake.sweeps = {MetaKind::issue, MetaKind::comment, MetaKind::issue_graph, MetaKind::pull_request};
  for (const char* number : {"3", "4", "5"}) intake.documents[{MetaKind::issue, number}] = "{}";
  answer(kIssueList, "[]");
  answer(kCommentList, "[]");
  answer("/issues/3", issue(3, "2026-11-01T10:00:00Z"));
  answer("/issues/4", R"({"message":"This issue was deleted"})", 410);
  answer(
      "/issues/5",
      R"({"number":5,"node_id":"I_5","url":"https://api.github.com/repos/acme/other/issues/5","updated_at":"2026-11-01T10:00:00Z"})");

  collect();

  EXPECT_THAT(intake.missing,
              ElementsAre(FakeIntake::Key{MetaKind::issue, "4"}, FakeIntake::Key{MetaKind::issue, "5"}));
  EXPECT_THAT(clock.slept, IsEmpty()) << "each is looked at once";
}

TEST_F(IssuesTest, ThatCannotBeAskedForEndTheWork) {
  intake.sweeps = {MetaKind::issue, MetaKind::comment};
  answer(kIssueList, "{}", 502);

  EXPECT_THROW(collect(), Error);
  EXPECT_THAT(intake.whole, IsEmpty());
}

class ReviewCommentsTest : public testing::Test, public MetaBench {
 protected:
  void collect() { review_comments_collector()->collect(intake); }
};

TEST_F(ReviewCommentsTest, CostNoRequestWhereNoneIsNew) {
  intake.cursors = {{MetaKind::review_comment, "2026-11-02T10:00:00Z"}};

  collect();

  EXPECT_THAT(http.urls(), IsEmpty());
}

TEST_F(ReviewCommentsTest, AreAskedForOnceWhereOneIsPending) {
  intake.cursors = {{MetaKind::review_comment, "2026-11-02T10:00:00Z"}};
  intake.add_pending(MetaKind::review_comment, {"12", "PRRC_12"});
  intake.add_pending(MetaKind::review_comment, {"13", "PRRC_13"});
  answer(
      kReviewCommentList + "&since=2026-11-02T09:55:00Z",
      R"([{"id":12,"node_id":"PRRC_12","pull_request_url":"https://api.github.com/repos/acme/site/pulls/4",)"
      R"("created_at":"2026-11-03T10:00:00Z","updated_at":"2026-11-03T10:00:00Z"}])");

  collect();

  EXPECT_THAT(http.urls(), SizeIs(1));
  EXPECT_EQ(intake.parents.at({MetaKind::review_comment, "12"}), "4");
  EXPECT_THAT(intake.pending_ids(MetaKind::review_comment), IsEmpty()) << "13 was deleted meanwhile";
}

}  // namespace
}  // namespace hubkeep
