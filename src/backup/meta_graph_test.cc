#include "backup/meta_graph.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "backup/meta_fakes.h"

namespace hubkeep {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

class GraphTest : public testing::Test, public MetaBench {
 protected:
  void answer_graphql(const std::string& body) { http.answer("https://api.github.com/graphql", 200, body); }
  void answer_list(const std::string& name, const std::string& nodes, const std::string& cursor = "") {
    answer_graphql(fmt::format(
        R"({{"data":{{"node":{{"{}":{{"totalCount":7,"pageInfo":{{"hasNextPage":{},"endCursor":"{}"}},"nodes":{}}}}}}}}})",
        name, !cursor.empty(), cursor, nodes));
  }
  nlohmann::json variables(std::size_t request) const {
    return nlohmann::json::parse(http.requests.at(request).body)["variables"];
  }
};

TEST_F(GraphTest, ASweepReadsAllPullRequestsAndIssues) {
  intake.sweeps = {MetaKind::pull_request, MetaKind::issue_graph};
  answer_list("pullRequests", R"([{"id":"PR_4","number":4}])", "c1");
  answer_list("pullRequests", R"([{"id":"PR_5","number":5}])");
  answer_list("issues", R"([{"id":"I_3","number":3}])");

  items_collector()->collect(intake);

  EXPECT_THAT(intake.ids(MetaKind::pull_request), ElementsAre("4", "5"));
  EXPECT_THAT(intake.ids(MetaKind::issue_graph), ElementsAre("3"));
  EXPECT_EQ(intake.requests.at(ApiKind::graphql), 3);
  EXPECT_EQ(intake.counts.at(MetaKind::pull_request), 7U);
  EXPECT_EQ(variables(1)["after"], "c1");
  EXPECT_EQ(variables(0)["repository"], "R_7");
  EXPECT_EQ(intake.cursors.at(MetaKind::pull_request), "") << "the next sweep begins at the beginning";
}

TEST_F(GraphTest, ASweepGoesOnWhereItWasBrokenOff) {
  intake.sweeps = {MetaKind::pull_request};
  intake.cursors = {{MetaKind::pull_request, "c1"}};
  answer_list("pullRequests", "[]");

  items_collector()->collect(intake);

  EXPECT_EQ(variables(0)["after"], "c1");
}

TEST_F(GraphTest, WhatBelongsToAnIssueThatIsGoneIsGone) {
  intake.sweeps = {MetaKind::pull_request, MetaKind::issue_graph};
  intake.documents[{MetaKind::issue_graph, "3"}] = "{}";
  intake.documents[{MetaKind::issue_graph, "4"}] = "{}";
  intake.documents[{MetaKind::issue, "4"}] = "{}";
  answer_list("pullRequests", "[]");
  answer_list("issues", "[]");

  items_collector()->collect(intake);

  EXPECT_THAT(intake.missing, ElementsAre(FakeIntake::Key{MetaKind::issue_graph, "3"}));
}

TEST_F(GraphTest, OfThoseThatChangedAllAreAskedForAtOnce) {
  intake.add_pending(MetaKind::pull_request, {"4", "PR_4"});
  intake.add_pending(MetaKind::pull_request, {"5", "PR_5"});
  answer_graphql(R"({"data":{"nodes":[{"id":"PR_4","number":4},null]}})");

  items_collector()->collect(intake);

  EXPECT_THAT(http.requests, SizeIs(1));
  EXPECT_EQ(variables(0)["ids"], nlohmann::json({"PR_4", "PR_5"}));
  EXPECT_THAT(intake.ids(MetaKind::pull_request), ElementsAre("4"));
  EXPECT_THAT(intake.pending_ids(MetaKind::pull_request), IsEmpty()) << "5 is gone, which a sweep finds";
}

TEST_F(GraphTest, AnUnchangedRepositoryCostsNothing) {
  items_collector()->collect(intake);
  comments_graph_collector()->collect(intake);

  EXPECT_THAT(http.requests, IsEmpty());
}

TEST_F(GraphTest, EventsAreAskedForOnlyWhereTheyAreWanted) {
  intake.add_pending(MetaKind::issue_graph, {"3", "I_3"});
  intake.unwanted = {ContentKind::events};
  answer_graphql(R"({"data":{"nodes":[{"id":"I_3","number":3}]}})");

  items_collector()->collect(intake);

  EXPECT_EQ(variables(0)["events"], false);
}

TEST_F(GraphTest, APullRequestLeadsToItsNewReviewCommentsAndEditedReviews) {
  intake.cursors = {{MetaKind::review_comment, "2026-11-02T10:00:00Z"}};
  intake.documents[{MetaKind::review_comment, "11"}] = "{}";
  intake.documents[{MetaKind::review_comment, "12"}] = "{}";
  intake.add_pending(MetaKind::pull_request, {"4", "PR_4"});
  answer_graphql(
      R"({"data":{"nodes":[{"id":"PR_4","number":4,)"
      R"("reviews":{"nodes":[{"id":"PRR_1","lastEditedAt":null,"reactionGroups":[{"reactors":{"totalCount":0}}]},)"
      R"({"id":"PRR_2","lastEditedAt":"2026-11-03T10:00:00Z"}]},)"
      R"("reviewThreads":{"nodes":[)"
      R"({"comments":{"nodes":[{"fullDatabaseId":"11","updatedAt":"2026-11-01T10:00:00Z"}]}},)"
      R"({"comments":{"nodes":[{"fullDatabaseId":"12","updatedAt":"2026-11-03T10:00:00Z"}]}},)"
      R"({"comments":{"nodes":[{"fullDatabaseId":"13","updatedAt":"2026-11-01T10:00:00Z"}]}}]}}]}})");

  items_collector()->collect(intake);

  EXPECT_THAT(intake.pending_ids(MetaKind::review_comment), ElementsAre("12", "13"));
  EXPECT_THAT(intake.pending_ids(MetaKind::comment_graph), ElementsAre("PRR_2"));
}

TEST_F(GraphTest, EditsAndReactionsComeWithTheNumberThatTheyBelongTo) {
  intake.add_pending(MetaKind::comment_graph, {"IC_9", "IC_9", "3"});
  answer_graphql(R"({"data":{"nodes":[{"__typename":"IssueComment","id":"IC_9","reactions":{"totalCount":2,)"
                 R"("pageInfo":{"hasNextPage":true,"endCursor":"r"},"nodes":[{"id":"a"}]}}]}})");
  answer_graphql(
      R"({"data":{"node":{"reactions":{"pageInfo":{"hasNextPage":false},"nodes":[{"id":"b"}]}}}})");

  comments_graph_collector()->collect(intake);

  EXPECT_THAT(intake.documents.at({MetaKind::comment_graph, "IC_9"}),
              HasSubstr(R"([{"id":"a"},{"id":"b"}])"));
  EXPECT_EQ(intake.parents.at({MetaKind::comment_graph, "IC_9"}), "3");
  EXPECT_EQ(intake.requests.at(ApiKind::graphql), 2);
}

TEST_F(GraphTest, DiscussionsAreReadFromTheLastChangedToTheFirstThatIsKnown) {
  intake.documents[{MetaKind::discussion, "7"}] = R"({"id":"D_7","number":7})";
  answer_list(
      "discussions",
      R"([{"id":"D_8","number":8,"comments":{"nodes":[{"id":"DC_1","lastEditedAt":"2026-11-03T10:00:00Z","replies":{"nodes":[]}}]}}])",
      "c1");
  answer_list("discussions", R"([{"id":"D_7","number":7}])", "c2");

  discussions_collector()->collect(intake);

  EXPECT_THAT(http.requests, SizeIs(2));
  EXPECT_EQ(variables(0)["by"], "UPDATED_AT");
  EXPECT_THAT(intake.ids(MetaKind::discussion), ElementsAre("7", "8"));
  EXPECT_THAT(intake.pending_ids(MetaKind::comment_graph), ElementsAre("DC_1"));
}

TEST_F(GraphTest, ADiscussionThatASweepDoesNotShowIsGone) {
  intake.sweeps = {MetaKind::discussion};
  intake.documents[{MetaKind::discussion, "7"}] = "{}";
  answer_list("discussions", "[]");

  discussions_collector()->collect(intake);

  EXPECT_THAT(intake.missing, SizeIs(1));
  EXPECT_THAT(intake.whole, ElementsAre(MetaKind::discussion));
}

TEST_F(GraphTest, WhatTheTokenMayNotSeeMakesNothingGone) {
  intake.documents[{MetaKind::branch_protection, "BPR_1"}] = "{}";
  answer_graphql(
      R"({"data":{"node":{"branchProtectionRules":null}},"errors":[{"type":"FORBIDDEN","message":"Resource not accessible by personal access token"}]})");

  branch_protections_collector()->collect(intake);

  EXPECT_EQ(intake.refused.at(MetaKind::branch_protection),
            "Resource not accessible by personal access token");
  EXPECT_THAT(intake.missing, IsEmpty());
}

}  // namespace
}  // namespace hubkeep
