#include "github/graph_pages.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"
#include "github/rest_client.h"
#include "http/scripted_http.h"

namespace hubkeep {
namespace {

using Json = nlohmann::ordered_json;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::SizeIs;

constexpr const char* kGraphql = "https://api.github.com/graphql";

class GraphPagesTest : public testing::Test {
 protected:
  void answer(const std::string& body, int status = 200) { http_.answer(kGraphql, status, body); }
  void answer_page(const std::string& nodes, const std::string& cursor = "", int total = 9) {
    answer(fmt::format(
        R"({{"data":{{"node":{{"issues":{{"totalCount":{},"pageInfo":{{"hasNextPage":{},"endCursor":"{}"}},"nodes":{}}}}}}}}})",
        total, !cursor.empty(), cursor, nodes));
  }
  GraphPage page(const std::string& after = "") {
    return reader_.page(GraphOperation::issue_page, {{"repository", "R_7"}}, {"node", "issues"}, after,
                        size_);
  }
  nlohmann::json variables(std::size_t request) const {
    return nlohmann::json::parse(http_.requests.at(request).body)["variables"];
  }
  std::vector<int> sizes() const {
    std::vector<int> all;
    for (std::size_t i = 0; i < http_.requests.size(); ++i) all.push_back(variables(i)["first"]);
    return all;
  }

  ScriptedHttp http_;
  ManualClock clock_;
  RestClient api_{http_,
                  clock_,
                  {.api_url = Url::parse("https://api.github.com"),
                   .token = fixed_token(Secret("ghp_hunter2", "TOKEN_GITHUB")),
                   .observer = {},
                   .retries = {.max_attempts = 1}}};
  int told_ = 0;
  std::stop_token stop_;
  GraphReader reader_{api_, [this](const ApiAnswer&) { ++told_; }, stop_};
  GraphPageSize size_{50};
};

TEST_F(GraphPagesTest, AreAskedForOneAfterTheOther) {
  answer_page(R"([{"number":1},{"number":2}])", "abc");
  answer_page(R"([{"number":3}])");

  const GraphPage first = page();
  const GraphPage second = page(first.cursor);

  EXPECT_THAT(first.nodes, SizeIs(2));
  EXPECT_TRUE(first.has_more);
  EXPECT_EQ(first.total, 9U);
  EXPECT_FALSE(second.has_more);
  EXPECT_FALSE(variables(0).contains("after"));
  EXPECT_EQ(variables(1)["after"], "abc");
  EXPECT_EQ(told_, 2);
}

TEST_F(GraphPagesTest, ComeInHalvesWhereGitHubDoesNotComeToTheEnd) {
  const std::string exceeded =
      R"({"data":{"node":null},"errors":[{"type":"RESOURCE_LIMITS_EXCEEDED","message":"Resource limits for this query exceeded."}]})";
  answer(exceeded);
  answer("<html>", 502);
  answer_page(R"([{"number":1}])");

  EXPECT_THAT(page().nodes, SizeIs(1));

  EXPECT_THAT(sizes(), ElementsAre(50, 25, 12));
}

TEST_F(GraphPagesTest, GrowAgainAfterGoodOnes) {
  answer("<html>", 502);
  answer_page("[]");

  for (int i = 0; i < 6; ++i) page();

  EXPECT_THAT(sizes(), ElementsAre(50, 25, 25, 25, 25, 50, 50));
}

TEST_F(GraphPagesTest, HaveAnEndWhereNotEvenOneObjectCanBeAnswered) {
  answer("<html>", 502);

  EXPECT_THROW(page(), Error);

  EXPECT_THAT(sizes(), ElementsAre(50, 25, 12, 6, 3, 1));
}

TEST_F(GraphPagesTest, ThatAreRefusedSaySo) {
  answer(
      R"({"data":{"node":{"issues":null}},"errors":[{"type":"FORBIDDEN","message":"Resource not accessible"}]})");

  const GraphPage refused = page();

  ASSERT_TRUE(refused.refusal);
  EXPECT_EQ(refused.refusal->type, "FORBIDDEN");
  EXPECT_EQ(refused.refusal->message, "Resource not accessible");
}

TEST_F(GraphPagesTest, ThatLeadBackToThemselvesAreNotBelieved) {
  answer_page(R"([{"number":1}])", "abc");

  EXPECT_THROW(page("abc"), Error);
}

TEST_F(GraphPagesTest, ObjectsComeInTheirOrderAndAsManyAsGitHubCanAnswer) {
  answer("<html>", 502);
  answer(R"({"data":{"nodes":[{"number":1}]}})");
  answer(R"({"data":{"nodes":[null]},"errors":[{"type":"NOT_FOUND","path":["nodes",0],"message":"x"}]})");
  GraphPageSize two(2);

  const std::vector<Json> nodes =
      reader_.nodes(GraphOperation::changed_items, {{"events", false}}, {"I_1", "I_2"}, two);

  ASSERT_THAT(nodes, SizeIs(2));
  EXPECT_EQ(nodes[0]["number"], 1);
  EXPECT_TRUE(nodes[1].is_null());
}

TEST_F(GraphPagesTest, AnswersForOtherObjectsAreNotBelieved) {
  answer(R"({"data":{"nodes":[{"number":1},{"number":2}]}})");
  GraphPageSize one(1);

  EXPECT_THROW(reader_.nodes(GraphOperation::changed_items, {{"events", false}}, {"I_1"}, one), Error);
}

TEST_F(GraphPagesTest, TheListsWithinAnObjectAreCompleted) {
  Json issue = Json::parse(
      R"({"id":"I_1","number":1,"reactions":{"totalCount":3,"pageInfo":{"hasNextPage":true,"endCursor":"r1"},)"
      R"("nodes":[{"id":"a"}]},"subIssues":{"totalCount":0,"pageInfo":{"hasNextPage":false},"nodes":[]}})");
  answer(
      R"({"data":{"node":{"reactions":{"pageInfo":{"hasNextPage":true,"endCursor":"r2"},"nodes":[{"id":"b"}]}}}})");
  answer(R"({"data":{"node":{"reactions":{"pageInfo":{"hasNextPage":false},"nodes":[{"id":"c"}]}}}})");

  reader_.complete(issue, "Issue");

  EXPECT_EQ(
      issue.dump(),
      R"({"id":"I_1","number":1,"reactions":{"totalCount":3,"nodes":[{"id":"a"},{"id":"b"},{"id":"c"}]},)"
      R"("subIssues":{"totalCount":0,"nodes":[]}})");
  EXPECT_EQ(variables(0)["after"], "r1");
  EXPECT_EQ(variables(1)["after"], "r2");
}

TEST_F(GraphPagesTest, RepliesToACommentOfADiscussionAreCompleted) {
  Json discussion = Json::parse(
      R"({"id":"D_1","comments":{"pageInfo":{"hasNextPage":false},"nodes":[{"id":"DC_1","replies":)"
      R"({"pageInfo":{"hasNextPage":true,"endCursor":"x"},"nodes":[{"id":"a"}]}}]}})");
  answer(R"({"data":{"node":{"replies":{"pageInfo":{"hasNextPage":false},"nodes":[{"id":"b"}]}}}})");

  reader_.complete(discussion, "Discussion");

  EXPECT_THAT(discussion["comments"]["nodes"][0]["replies"]["nodes"], SizeIs(2));
  EXPECT_EQ(variables(0)["id"], "DC_1");
}

TEST_F(GraphPagesTest, AListWhoseRestDoesNotComeIsNotTakenForWhole) {
  Json issue = Json::parse(
      R"({"id":"I_1","reactions":{"pageInfo":{"hasNextPage":true,"endCursor":"r1"},"nodes":[]}})");
  answer(R"({"data":{"node":null},"errors":[{"type":"NOT_FOUND","message":"x"}]})");

  EXPECT_THROW(reader_.complete(issue, "Issue"), Error);
}

TEST(GraphQueries, AskForTheRestOfEveryListThatHasPages) {
  EXPECT_THAT(graph_rest_query("PullRequest", "timelineItems"), HasSubstr("MERGED_EVENT"));
  EXPECT_THAT(graph_rest_query("PullRequest", "timelineItems"), Not(HasSubstr("@include")));
  EXPECT_THAT(graph_rest_query("IssueComment", "reactions"), HasSubstr("fragment reactions"));
  EXPECT_THAT(graph_rest_query("DiscussionComment", "replies"),
              HasSubstr("replies(first: 100, after: $after)"));
  EXPECT_EQ(graph_rest_query("Issue", "comments"), "");
}

// For one field of a project, GitHub refuses all of a question of a classic token without "read:project".
TEST(GraphQueries, OfIssuesAskForNothingOfProjects) {
  for (const auto operation :
       {GraphOperation::probe, GraphOperation::issue_page, GraphOperation::pull_request_page,
        GraphOperation::changed_items, GraphOperation::comments, GraphOperation::discussion_page})
    EXPECT_THAT(graph_query(operation), Not(HasSubstr("ProjectV2")));
}

}  // namespace
}  // namespace hubkeep
