// GraphQL over all that the world knows of a repository. The answers are held against GitHub's published
// schema when all tests have run.
#include <gtest/gtest.h>

#include <cstdlib>
#include <ctime>
#include <nlohmann/json.hpp>

#include "base/text.h"
#include "sim/metadata.h"
#include "sim/sim_fixture.h"

namespace hubkeep::sim {
namespace {

using nlohmann::json;

constexpr const char* kPost =
    "fragment post on Comment { id author { __typename login } authorAssociation body createdAt updatedAt "
    "publishedAt lastEditedAt editor { login } includesCreatedEdit "
    "userContentEdits(first: 10) { totalCount nodes { id editedAt editor { login } diff deletedAt } } }\n"
    "fragment reacted on Reactable { reactionGroups { content reactors { totalCount } } "
    "reactions(first: 10) { totalCount nodes { id content createdAt user { login } } } }\n";

class GraphWorldTest : public SimTest {
 protected:
  GraphWorldTest() {
    if (const char* answers = std::getenv("SIMULATED_ANSWERS"))
      github.record_to(std::filesystem::path(answers) / (random_hex(16) + ".jsonl"));
    world.set_time(UtcTime(std::chrono::seconds(1'800'000'000)));
  }

  /// The whole answer.
  json ask(const std::string& query, const json& variables = json::object(), const std::string& who = "") {
    const std::string body = json{{"query", query}, {"variables", variables}}.dump();
    const ClientResponse response = http_post(github.origin() + "/api/graphql", body,
                                              {{"Authorization", "Bearer " + (who.empty() ? token : who)}});
    return json::parse(response.body, nullptr, false);
  }
  /// What it says of acme/site; there must be no error.
  json site(const std::string& fields, const std::string& fragments = "") {
    const json answer =
        ask("{ repository(owner: \"acme\", name: \"site\") { " + fields + " } }\n" + fragments);
    EXPECT_FALSE(answer.contains("errors")) << answer.dump();
    return answer["data"]["repository"];
  }
  std::int64_t add_issue(const std::string& title, const std::string& body = "") {
    world.advance(std::chrono::seconds(60));
    return metadata.add_issue(id, {.title = title, .post = {.author = "acme", .body = body}});
  }
  std::int64_t add_pull(const std::string& title) {
    world.advance(std::chrono::seconds(60));
    PullRequest pull;
    pull.head_ref = "topic";
    pull.base_oid = std::string(40, 'a');
    pull.head_oid = std::string(40, 'b');
    pull.commits = {{std::string(40, 'b'), "Add it\n\nFor a reason.", "acme", world.now()}};
    return metadata.add_pull_request(id, {.title = title, .post = {.author = "acme", .body = "Text"}}, pull);
  }
  Place at(std::int64_t number) const { return {id, number}; }

  RepositoryId id = world.add_repository("acme", "site");
  Metadata& metadata = world.metadata();
};

std::string titles(const json& connection) {
  std::string out;
  for (const json& each : connection["nodes"]) out += each["title"].get<std::string>() + " ";
  return out;
}

TEST_F(GraphWorldTest, TellsAnIssueWithAllThatHangsOnIt) {
  const auto label = metadata.add_label(id, {.name = "bug", .color = "ff0000"});
  const auto milestone = metadata.add_milestone(id, {.title = "1.0", .creator = "acme"});
  const auto parent = add_issue("Parent");
  const auto number = add_issue("One", "First");
  metadata.add_label_to(at(number), "acme", label);
  metadata.set_milestone(at(number), "acme", milestone);
  metadata.assign(at(number), "acme", "acme");
  metadata.edit_body(at(number), "acme", "Second");
  metadata.add_comment(at(number), "acme", "A comment");
  metadata.add_sub_issue(at(parent), "acme", at(number));
  metadata.lock(at(number), "acme", "too heated");
  metadata.close(at(number), "acme", "not_planned");
  const std::string node = site("issue(number: " + std::to_string(number) + ") { id }")["issue"]["id"];
  metadata.react(node, "acme", "+1");

  const json issue = site(
      "issue(number: " + std::to_string(number) +
          ") { ...post ...reacted number title state stateReason closed closedAt locked activeLockReason "
          "isPinned "
          "url fullDatabaseId databaseId labels(first: 9) { totalCount nodes { name color } } "
          "milestone { number title state } assignees(first: 9) { nodes { login } } parent { number title } "
          "subIssuesSummary { total completed percentCompleted } subIssues(first: 9) { totalCount } "
          "comments(first: 9) { totalCount nodes { ...post ...reacted fullDatabaseId url isMinimized "
          "minimizedReason issue { number } pullRequest { number } } } "
          "timelineItems(first: 50, itemTypes: [LABELED_EVENT, MILESTONED_EVENT, ASSIGNED_EVENT, "
          "CLOSED_EVENT, "
          "LOCKED_EVENT, PARENT_ISSUE_ADDED_EVENT]) { totalCount filteredCount pageCount updatedAt nodes { "
          "__typename ... on Node { id } ... on LabeledEvent { createdAt actor { login } label { name color "
          "} } "
          "... on MilestonedEvent { milestoneTitle } ... on AssignedEvent { assignee { ... on User { login } "
          "} } "
          "... on ClosedEvent { stateReason closer { __typename } } ... on LockedEvent { lockReason } "
          "... on ParentIssueAddedEvent { parent { number } } } } }",
      kPost)["issue"];

  EXPECT_EQ(issue["title"], "One");
  EXPECT_EQ(issue["state"], "CLOSED");
  EXPECT_EQ(issue["stateReason"], "NOT_PLANNED");
  EXPECT_EQ(issue["activeLockReason"], "TOO_HEATED");
  EXPECT_EQ(issue["labels"]["nodes"][0]["name"], "bug");
  EXPECT_EQ(issue["milestone"]["title"], "1.0");
  EXPECT_EQ(issue["parent"]["number"], parent);
  EXPECT_EQ(issue["comments"]["nodes"][0]["body"], "A comment");
  EXPECT_TRUE(issue["comments"]["nodes"][0]["pullRequest"].is_null());
  EXPECT_EQ(issue["userContentEdits"]["nodes"][0]["diff"], "Second");
  EXPECT_EQ(issue["userContentEdits"]["nodes"][1]["diff"], "First");
  EXPECT_EQ(issue["reactions"]["nodes"][0]["content"], "THUMBS_UP");
  EXPECT_EQ(issue["reactions"]["nodes"][0]["user"]["login"], "acme");
  EXPECT_EQ(issue["timelineItems"]["totalCount"], 6);
  EXPECT_EQ(issue["timelineItems"]["nodes"].size(), 6U);
}

TEST_F(GraphWorldTest, TellsAPullRequestWithItsReviewsAndThreads) {
  const auto closed = add_issue("Broken");
  const auto number = add_pull("Mend");
  metadata.edit_body(at(number), "acme", "Fixes #" + std::to_string(closed));
  metadata.request_review(at(number), "acme", "other");
  const auto review = metadata.add_review(at(number), "other", "CHANGES_REQUESTED", "No");
  const auto first = metadata.add_thread(at(number), review, {.path = "a.txt", .line = 3}, "Here");
  const auto thread =
      metadata.read(id, [&](const RepositoryMetadata& all) { return all.review_comments.at(first).thread; });
  metadata.reply_to_thread(at(number), thread, "acme", "Done");
  metadata.resolve_thread(at(number), thread, "acme");
  metadata.merge(at(number), "acme");

  const json pull = site(
      "pullRequest(number: " + std::to_string(number) +
          ") { ...post ...reacted number title state isDraft merged mergedAt mergedBy { login } mergeCommit "
          "{ oid } "
          "baseRefName baseRefOid headRefName headRefOid isCrossRepository additions deletions changedFiles "
          "reviewDecision headRepository { nameWithOwner } headRepositoryOwner { login } maintainerCanModify "
          "autoMergeRequest { enabledAt } commits(first: 9) { totalCount nodes { commit { oid "
          "messageHeadline "
          "messageBody committedDate author { name email user { login } } } } } "
          "reviewRequests(first: 9) { totalCount nodes { asCodeOwner requestedReviewer { __typename } } } "
          "reviews(first: 9) { totalCount nodes { ...post fullDatabaseId state submittedAt isMinimized "
          "commit { oid } comments(first: 9) { totalCount nodes { databaseId } } } } "
          "reviewThreads(first: 9) { totalCount nodes { id isResolved isOutdated isCollapsed resolvedBy { "
          "login } "
          "path line startLine originalLine diffSide subjectType comments(first: 9) { totalCount nodes { "
          "...post "
          "...reacted fullDatabaseId diffHunk path line replyTo { databaseId } pullRequestReview { "
          "databaseId } } } "
          "} } closingIssuesReferences(first: 9) { nodes { number title } } "
          "timelineItems(first: 50, itemTypes: [MERGED_EVENT]) { totalCount filteredCount nodes { __typename "
          "... on "
          "MergedEvent { id createdAt actor { login } mergeRefName commit { oid } } } } }",
      kPost)["pullRequest"];

  EXPECT_EQ(pull["state"], "MERGED");
  EXPECT_EQ(pull["commits"]["nodes"][0]["commit"]["messageHeadline"], "Add it");
  EXPECT_EQ(pull["commits"]["nodes"][0]["commit"]["messageBody"], "For a reason.");
  EXPECT_EQ(pull["reviews"]["nodes"][0]["state"], "CHANGES_REQUESTED");
  const json& one = pull["reviewThreads"]["nodes"][0];
  EXPECT_EQ(one["isResolved"], true);
  EXPECT_EQ(one["resolvedBy"]["login"], "acme");
  EXPECT_EQ(one["comments"]["nodes"][1]["body"], "Done");
  EXPECT_EQ(one["comments"]["nodes"][1]["replyTo"]["databaseId"], first);
  EXPECT_EQ(pull["closingIssuesReferences"]["nodes"][0]["number"], closed);
  // Of a pull request, totalCount counts what itemTypes leaves out.
  EXPECT_EQ(pull["timelineItems"]["filteredCount"], 1);
  EXPECT_EQ(pull["timelineItems"]["nodes"].size(), 1U);
  EXPECT_GT(pull["timelineItems"]["totalCount"], 3);
}

TEST_F(GraphWorldTest, TellsADiscussionWithItsAnswerAndPoll) {
  const auto category = metadata.add_category(id, {.name = "Q&A", .slug = "q-a", .is_answerable = true});
  Discussion discussion{.title = "How?", .post = {.author = "acme", .body = "Ask"}, .category = category};
  discussion.poll =
      Poll{.id = 0, .question = "Which?", .options = {{.id = 1, .text = "A"}, {.id = 2, .text = "B"}}};
  const auto number = metadata.add_discussion(id, discussion);
  const auto comment = metadata.add_discussion_comment(at(number), "acme", "So");
  const auto gone = metadata.add_discussion_comment(at(number), "acme", "Wrong");
  metadata.add_discussion_comment(at(number), "acme", "Thanks", comment);
  metadata.add_discussion_comment(at(number), "acme", "No", gone);
  metadata.remove_discussion_comment(at(number), gone);
  metadata.mark_answer(at(number), "acme", comment);

  const json told = site(
      "discussions(first: 9, orderBy: {field: UPDATED_AT, direction: DESC}) { totalCount nodes { ...post "
      "...reacted "
      "databaseId number title url closed closedAt stateReason locked upvoteCount isAnswered answer { "
      "databaseId } "
      "answerChosenAt answerChosenBy { login } category { id name slug emoji description isAnswerable } "
      "poll { question totalVoteCount options(first: 9) { nodes { option totalVoteCount } } } labels(first: "
      "9) { "
      "totalCount } comments(first: 9) { totalCount nodes { ...post ...reacted databaseId deletedAt isAnswer "
      "upvoteCount isMinimized replies(first: 9) { totalCount nodes { body replyTo { databaseId } } } } } } "
      "}",
      kPost)["discussions"]["nodes"][0];

  EXPECT_EQ(told["answer"]["databaseId"], comment);
  EXPECT_EQ(told["isAnswered"], true);
  EXPECT_EQ(told["category"]["slug"], "q-a");
  EXPECT_EQ(told["poll"]["options"]["nodes"][1]["option"], "B");
  EXPECT_EQ(told["comments"]["totalCount"], 2);
  EXPECT_EQ(told["comments"]["nodes"][0]["replies"]["nodes"][0]["body"], "Thanks");
  EXPECT_TRUE(told["comments"]["nodes"][1]["deletedAt"].is_string());
  EXPECT_TRUE(told["comments"]["nodes"][1]["author"].is_null());
  EXPECT_EQ(told["comments"]["nodes"][1]["body"], "");
}

/// By which scopes, and in which words, projects are refused.
TEST_F(GraphWorldTest, ShowsProjectsToWhoeverHasTheScope) {
  const auto number = add_issue("Planned");
  const auto project = metadata.add_project({.owner = "acme", .title = "Plan", .creator = "acme"});
  metadata.add_project_item(project, {.content = at(number), .creator = "acme"});
  metadata.add_project_item(project, {.draft_title = "Idea", .draft_body = "Text", .creator = "acme"});
  const std::string reader =
      world.add_token({.login = "acme", .scopes = {"read:org", "read:project", "repo"}});
  const std::string fine = world.add_token({.login = "acme", .kind = TokenKind::fine_grained});
  const std::string query =
      "{ user(login: \"acme\") { projectsV2(first: 5, orderBy: {field: NUMBER, direction: ASC}) { totalCount "
      "nodes { "
      "id number title public closed template updatedAt creator { login } fields(first: 20) { nodes { "
      "__typename ... "
      "on ProjectV2FieldCommon { id name dataType } ... on ProjectV2SingleSelectField { options { id name "
      "color "
      "description } } } } views(first: 5) { nodes { id number name layout filter } } workflows(first: 5) { "
      "nodes { "
      "id number name enabled } } repositories(first: 5) { totalCount } statusUpdates(first: 5) { totalCount "
      "} "
      "items(first: 9) { totalCount nodes { id type isArchived createdAt content { __typename ... on Issue { "
      "number "
      "} ... on DraftIssue { title body } } fieldValues(first: 9) { nodes { __typename ... on "
      "ProjectV2ItemFieldTextValue { text } ... on ProjectV2ItemFieldSingleSelectValue { optionId name } } } "
      "} } } } } }";

  const json told = ask(query, {}, reader);
  const json refused = ask(query);
  const json forbidden = ask(query, {}, fine);

  EXPECT_FALSE(told.contains("errors")) << told.dump();
  const json& items = told["data"]["user"]["projectsV2"]["nodes"][0]["items"];
  EXPECT_EQ(items["nodes"][0]["content"]["number"], number);
  EXPECT_EQ(items["nodes"][1]["content"]["title"], "Idea");
  EXPECT_FALSE(refused.contains("data"));
  EXPECT_EQ(refused["errors"][0]["type"], "INSUFFICIENT_SCOPES");
  EXPECT_EQ(
      refused["errors"][0]["message"],
      "Your token has not been granted the required scopes to execute this query. The 'projectsV2' field "
      "requires one of the following scopes: ['read:project'], but your token has only been granted the: "
      "['gist', 'read:org', 'repo'] scopes. Please modify your token's scopes at: "
      "https://github.com/settings/tokens.");
  EXPECT_EQ(forbidden["data"]["user"]["projectsV2"]["nodes"], json::array({nullptr}));
  EXPECT_EQ(forbidden["errors"][0]["type"], "FORBIDDEN");
  EXPECT_EQ(forbidden["errors"][0]["path"], json({"user", "projectsV2", "nodes", 0}));
  EXPECT_EQ(forbidden["errors"][0]["message"], "Resource not accessible by personal access token");
}

TEST_F(GraphWorldTest, FindsNodesOfAllKinds) {
  const auto issue = add_issue("One");
  const auto pull = add_pull("Two");
  const auto comment = metadata.add_comment(at(issue), "acme", "A");
  const auto review = metadata.add_review(at(pull), "acme", "COMMENTED", "B");
  const auto inline_comment = metadata.add_thread(at(pull), review, {.path = "a.txt"}, "C");
  const json ids = {node_id("IC", comment),
                    node_id("PRR", review),
                    node_id("PRRC", inline_comment),
                    "IC_none",
                    site("issue(number: " + std::to_string(issue) + ") { id }")["issue"]["id"],
                    site("pullRequest(number: " + std::to_string(pull) + ") { id }")["pullRequest"]["id"]};

  const json answer = ask(
      "query($ids: [ID!]!) { nodes(ids: $ids) { __typename id ... on Comment { body } ... on Minimizable { "
      "isMinimized } } }",
      {{"ids", ids}});

  std::string types;
  for (const json& each : answer["data"]["nodes"])
    types += (each.is_null() ? "-" : each["__typename"].get<std::string>()) + " ";
  EXPECT_EQ(types, "IssueComment PullRequestReview PullRequestReviewComment - Issue PullRequest ");
  EXPECT_EQ(answer["data"]["nodes"][2]["body"], "C");
  EXPECT_EQ(answer["errors"].size(), 1U);
  EXPECT_EQ(answer["errors"][0]["path"], json({"nodes", 3}));
}

TEST_F(GraphWorldTest, ACursorHoldsItsPlaceWhenOthersMove) {
  for (const char* title : {"1", "2", "3", "4", "5"}) add_issue(title);
  const auto page = [&](const std::string& arguments) {
    return site("issues(" + arguments +
                ") { totalCount pageInfo { hasNextPage hasPreviousPage startCursor endCursor } "
                "nodes { title } }")["issues"];
  };
  const std::string by_update = "first: 2, orderBy: {field: UPDATED_AT, direction: ";
  const json ascending = page(by_update + "ASC}");
  const json descending = page(by_update + "DESC}");
  world.advance(std::chrono::seconds(60));
  metadata.edit_body(at(1), "acme", "New");

  const auto after = [](const json& read) { return ", after: " + read["pageInfo"]["endCursor"].dump(); };
  EXPECT_EQ(titles(ascending), "1 2 ");
  EXPECT_EQ(titles(page(by_update + "ASC}" + after(ascending))), "3 4 ");
  EXPECT_EQ(titles(descending), "5 4 ");
  EXPECT_EQ(titles(page(by_update + "DESC}" + after(descending))),
            "3 2 ");  // 1 went where nobody looks again
  EXPECT_EQ(titles(page("first: 9, filterBy: {since: \"2027-01-15T08:06:00Z\"}")), "1 ");
  const json last = page("last: 2");
  EXPECT_EQ(titles(last), "4 5 ");
  EXPECT_EQ(last["pageInfo"]["hasPreviousPage"], true);
  EXPECT_EQ(titles(page("last: 2, before: " + last["pageInfo"]["startCursor"].dump())), "2 3 ");
}

TEST_F(GraphWorldTest, PagesOfManyPullRequestsComeAsNulls) {
  for (const char* title : {"1", "2", "3"}) add_pull(title);
  github.graphql().set_limits({.pull_requests = 2});
  const auto page = [&](const std::string& first, const std::string& fields) {
    return ask("{ repository(owner: \"acme\", name: \"site\") { pullRequests(first: " + first +
               ") { totalCount nodes { title " + fields + " } } } }");
  };

  const json cut = page("3", "reviews(first: 5) { totalCount }");
  const json whole = page("2", "reviews(first: 5) { totalCount }");
  const json plain = page("3", "");

  EXPECT_EQ(cut["data"]["repository"]["pullRequests"]["nodes"], json({nullptr, nullptr, nullptr}));
  EXPECT_EQ(cut["data"]["repository"]["pullRequests"]["totalCount"], 3);
  EXPECT_EQ(cut["errors"].size(), 3U);
  EXPECT_EQ(cut["errors"][2]["type"], "RESOURCE_LIMITS_EXCEEDED");
  EXPECT_EQ(cut["errors"][2]["message"], "Resource limits for this query exceeded.");
  EXPECT_EQ(cut["errors"][2]["path"], json({"repository", "pullRequests", "nodes", 2}));
  EXPECT_EQ(titles(whole["data"]["repository"]["pullRequests"]), "1 2 ");
  EXPECT_EQ(titles(plain["data"]["repository"]["pullRequests"]), "1 2 3 ");
}

TEST_F(GraphWorldTest, HidesReferencesFromWhereTheTokenCannotLook) {
  const auto secret = world.add_repository("other", "secret", {.is_private = true});
  const auto number = add_issue("One");
  const auto other = metadata.add_issue(secret, {.title = "Hidden", .post = {.author = "other"}});
  const auto open = add_issue("Open");
  metadata.cross_reference(at(number), "other", {secret, other});
  metadata.cross_reference(at(number), "acme", at(open));

  const json items =
      site("issue(number: " + std::to_string(number) +
           ") { timelineItems(first: 9, itemTypes: [CROSS_REFERENCED_EVENT]) { totalCount nodes { ... "
           "on CrossReferencedEvent { source { ... on Issue { title } } } } } }")["issue"]["timelineItems"];

  EXPECT_EQ(items["nodes"].size(), 1U);
  EXPECT_EQ(items["nodes"][0]["source"]["title"], "Open");
}

TEST_F(GraphWorldTest, ShowsSettingsToAdministratorsAndByPermission) {
  metadata.add_setting(id, "branch_protection", "main", {{"requiresApprovingReviews", true}});
  const std::string fields =
      "{ repository(owner: \"acme\", name: \"site\") { branchProtectionRules(first: 5) { totalCount nodes { "
      "id pattern "
      "requiresApprovingReviews lockBranch requiredStatusChecks { context } } } deployKeys { totalCount } } "
      "}";
  const std::string stranger = world.add_token("stranger");
  const std::string fine = world.add_token(
      {.login = "acme", .kind = TokenKind::fine_grained, .permissions = Permissions{{"issues", "read"}}});
  const auto rules = [](const json& answer) { return answer["data"]["repository"]["branchProtectionRules"]; };

  EXPECT_EQ(rules(ask(fields))["nodes"][0]["pattern"], "main");
  EXPECT_EQ(rules(ask(fields))["nodes"][0]["requiresApprovingReviews"], true);
  EXPECT_EQ(rules(ask(fields, {}, stranger)), json({{"totalCount", 0}, {"nodes", json::array()}}));
  const json forbidden = ask(fields, {}, fine);
  EXPECT_EQ(rules(forbidden), json({{"totalCount", 1}, {"nodes", json::array({nullptr})}}));
  EXPECT_EQ(forbidden["errors"][0]["type"], "FORBIDDEN");
}

TEST_F(GraphWorldTest, AProbeTellsWhatIsThere) {
  metadata.add_label(id, {.name = "bug"});
  add_issue("One");
  add_pull("Two");
  add_pull("Three");

  const json told = site(
      "hasIssuesEnabled hasDiscussionsEnabled visibility isEmpty diskUsage labels { totalCount } "
      "commitComments { "
      "totalCount } milestones(first: 1, orderBy: {field: UPDATED_AT, direction: DESC}) { totalCount nodes { "
      "updatedAt } } issues(first: 1, orderBy: {field: UPDATED_AT, direction: DESC}) { totalCount nodes { "
      "updatedAt } } "
      "pullRequests(first: 1, orderBy: {field: UPDATED_AT, direction: DESC}) { totalCount nodes { updatedAt "
      "} } "
      "discussions(first: 1) { totalCount } rulesets { totalCount } branchProtectionRules { totalCount }");

  EXPECT_EQ(told["labels"]["totalCount"], 1);
  EXPECT_EQ(told["issues"],
            json({{"totalCount", 1}, {"nodes", json::array({{{"updatedAt", "2027-01-15T08:01:00Z"}}})}}));
  EXPECT_EQ(told["pullRequests"]["totalCount"], 2);
  EXPECT_EQ(told["pullRequests"]["nodes"][0]["updatedAt"], "2027-01-15T08:03:00Z");
}

/// Processor time of the whole process, which is the server as well.
double seconds_for(const std::function<void()>& work) {
  const std::clock_t before = std::clock();
  work();
  return static_cast<double>(std::clock() - before) / CLOCKS_PER_SEC;
}

TEST_F(GraphWorldTest, APageCostsByItsSizeAndNotByTheWorlds) {
  const auto large = world.add_repository("acme", "large");
  for (int i = 0; i < 100'000; ++i)
    metadata.add_issue(large, {.title = "Title", .post = {.author = "acme", .body = "Text"}});
  for (int i = 0; i < 100; ++i) add_issue("Title");
  const auto read = [&](const char* name) {
    return seconds_for([&] {
      std::string after = "null";
      for (int i = 0; i < 20; ++i) {
        const json answer =
            ask("{ repository(owner: \"acme\", name: \"" + std::string(name) +
                "\") { issues(first: 5, after: " + after +
                ", orderBy: {field: UPDATED_AT, direction: ASC}) "
                "{ totalCount pageInfo { endCursor } nodes { id title body comments(first: 9) { "
                "totalCount } } } } }");
        after = answer["data"]["repository"]["issues"]["pageInfo"]["endCursor"].dump();
        ASSERT_EQ(answer["data"]["repository"]["issues"]["nodes"].size(), 5U);
      }
    });
  };
  read("large");  // sorts issues and pull requests apart, once

  const double few = read("site");
  const double many = read("large");

  RecordProperty("milliseconds_few", static_cast<int>(few * 1000));
  RecordProperty("milliseconds_many", static_cast<int>(many * 1000));
  EXPECT_LT(many, few * 10 + 0.02) << few << " s for 20 pages of 100 issues, " << many << " s of 100,000";
}

}  // namespace
}  // namespace hubkeep::sim
