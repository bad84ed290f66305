#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "sim/sim_fixture.h"

namespace hubkeep::sim {
namespace {

using nlohmann::json;

class GraphQlTest : public SimTest {
 protected:
  ClientResponse query(const std::string& text, const json& variables = json::object()) {
    return http_post(github.origin() + "/api/graphql", json{{"query", text}, {"variables", variables}}.dump(),
                     {{"Authorization", "Bearer " + token}});
  }
  ClientResponse ask(const json& ids, const std::string& who) {
    const json body = {
        {"query",
         "query($ids: [ID!]!) { nodes(ids: $ids) { __typename id ... on Repository { databaseId "
         "nameWithOwner } } }"},
        {"variables", {{"ids", ids}}}};
    const Headers headers = who.empty() ? Headers{} : Headers{{"Authorization", "Bearer " + who}};
    return http_post(github.origin() + "/api/graphql", body.dump(), headers);
  }
  std::string node_of(RepositoryId id) { return world.repository(id).node_id; }
};

TEST_F(GraphQlTest, SaysOfEachNodeWhatTheTokenCanSee) {
  world.add_user("other");
  const auto mine = world.add_repository("acme", "mine", {.is_private = true});
  const auto hidden = world.add_repository("other", "hidden", {.is_private = true});
  const auto open = world.add_repository("other", "open");

  const json answer = json::parse(ask({node_of(mine), node_of(hidden), node_of(open), "R_none"}, token).body);

  const json nodes = answer.at("data").at("nodes");
  EXPECT_EQ(nodes.at(0).at("databaseId"), mine);
  EXPECT_EQ(nodes.at(0).at("nameWithOwner"), "acme/mine");
  EXPECT_TRUE(nodes.at(1).is_null());
  EXPECT_EQ(nodes.at(2).at("databaseId"), open);
  EXPECT_TRUE(nodes.at(3).is_null());
  ASSERT_EQ(answer.at("errors").size(), 2U);
  EXPECT_EQ(answer.at("errors").at(0).at("type"), "NOT_FOUND");
  EXPECT_EQ(answer.at("errors").at(1).at("path"), json({"nodes", 3}));
}

TEST_F(GraphQlTest, WantsAToken) {
  EXPECT_EQ(ask(json::array(), "").status, 401);
  EXPECT_EQ(ask(json::array(), "ghp_wrong").status, 401);
}

TEST_F(GraphQlTest, SaysWithStatus200ThatAskingIsLimited) {
  github.rate_limiter().set(RateLimit{.limit = 10, .remaining = 0});

  const ClientResponse answer = ask({"R_x"}, token);

  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(json::parse(answer.body).at("errors").at(0).at("type"), "RATE_LIMITED");
  EXPECT_EQ(answer.header("X-RateLimit-Remaining"), "0");
}

TEST_F(GraphQlTest, WhoeverIsRemovedFromAnOrganisationSeesWhatIsPublicThere) {
  world.add_organization("corp", {"acme"});
  const auto secret = world.add_repository("corp", "secret", {.is_private = true});
  const auto open = world.add_repository("corp", "open");

  world.remove_member("corp", "acme");

  const json nodes = json::parse(ask({node_of(secret), node_of(open)}, token).body).at("data").at("nodes");
  EXPECT_TRUE(nodes.at(0).is_null());
  EXPECT_EQ(nodes.at(1).at("databaseId"), open);
  EXPECT_EQ(api_get_as_acme("/repositories/" + std::to_string(secret)).status, 404);
  EXPECT_EQ(api_get_as_acme("/repositories/" + std::to_string(open)).status, 200);
  EXPECT_EQ(json::parse(api_get_as_acme("/user/repos").body).size(), 0U);
}

constexpr const char* kProbe =
    "query Probe($ids: [ID!]!) { nodes(ids: $ids) { ... on Repository { databaseId hasWikiEnabled pushedAt "
    "updatedAt releases(first: 1, orderBy: {field: CREATED_AT, direction: DESC}) { totalCount nodes { "
    "updatedAt databaseId } } } } rateLimit { cost nodeCount } }";

TEST_F(GraphQlTest, TellsOfAHundredRepositoriesInOneQueryWhatIsNew) {
  world.set_time(UtcTime(std::chrono::seconds(1'800'000'000)));
  github.rate_limiter().set(RateLimit{.limit = 100, .remaining = 50});
  json ids = json::array();
  for (int i = 0; i < 100; ++i) ids.push_back(node_of(world.add_repository("acme", "r" + std::to_string(i))));
  const auto first = world.find_repository("acme", "r0")->id;
  world.edit(first, [](Repository& repository) { repository.has_wiki = false; });
  world.add_release(first, {.tag = "v1"});
  world.advance(std::chrono::seconds(60));
  const ReleaseId newest = world.add_release(first, {.tag = "v2", .draft = true});

  const ClientResponse response = query(kProbe, {{"ids", ids}});
  const json data = json::parse(response.body).at("data");

  ASSERT_EQ(data.at("nodes").size(), 100U);
  EXPECT_EQ(
      data["nodes"][0],
      json({{"databaseId", first},
            {"hasWikiEnabled", false},
            {"pushedAt", "2027-01-15T08:00:00Z"},
            {"updatedAt", "2027-01-15T08:00:00Z"},
            {"releases",
             {{"totalCount", 2},
              {"nodes", json::array({{{"updatedAt", "2027-01-15T08:01:00Z"}, {"databaseId", newest}}})}}}}));
  EXPECT_EQ(data["nodes"][1]["releases"], json({{"totalCount", 0}, {"nodes", json::array()}}));
  EXPECT_EQ(data["rateLimit"], json({{"cost", 1}, {"nodeCount", 200}}));
  EXPECT_EQ(response.header("X-RateLimit-Remaining"), "49");
}

TEST_F(GraphQlTest, CountsAHundredConnectionsAsAPoint) {
  github.rate_limiter().set(RateLimit{.limit = 100, .remaining = 50});
  json ids = json::array();
  for (int i = 0; i < 100; ++i) ids.push_back(node_of(world.add_repository("acme", "r" + std::to_string(i))));

  const ClientResponse response = query(
      "query($ids: [ID!]!) { nodes(ids: $ids) { ... on Repository { a: releases(first: 1) { totalCount } "
      "b: releases(first: 1) { totalCount } } } rateLimit { cost } }",
      {{"ids", ids}});

  EXPECT_EQ(json::parse(response.body)["data"]["rateLimit"]["cost"], 2);
  EXPECT_EQ(response.header("X-RateLimit-Remaining"), "48");
}

TEST_F(GraphQlTest, OrdersReleasesAndHidesDraftsFromWhoeverMayNotPush) {
  world.set_time(UtcTime(std::chrono::seconds(1'800'000'000)));
  const auto open = world.add_repository("other", "open");
  for (const char* tag : {"v1", "v2"}) {
    world.add_release(open, {.tag = tag});
    world.advance(std::chrono::seconds(60));
  }
  world.add_release(open, {.tag = "v3", .draft = true});
  const auto tags = [&](const std::string& arguments) {
    const std::string text = "{ nodes(ids: [\"" + node_of(open) + "\"]) { ... on Repository { releases(" +
                             arguments + ") { totalCount nodes { tagName } } } } }";
    const json releases = json::parse(query(text).body)["data"]["nodes"][0]["releases"];
    EXPECT_EQ(releases["totalCount"], 2);
    std::string out;
    for (const json& release : releases["nodes"]) out += release["tagName"].get<std::string>() + " ";
    return out;
  };

  EXPECT_EQ(tags("first: 100"), "v2 v1 ");
  EXPECT_EQ(tags("first: 1"), "v2 ");
  EXPECT_EQ(tags("first: 9, orderBy: {field: CREATED_AT, direction: ASC}"), "v1 v2 ");
}

TEST_F(GraphQlTest, HasBudgetsOfItsOwn) {
  github.rate_limiter().set(RateResource::graphql, RateLimit{.limit = 100, .remaining = 1});

  const json limit = json::parse(
      query("query Left { rateLimit { cost nodeCount limit remaining used resetAt } }").body)["data"];
  const ClientResponse refused = query("{ rateLimit { cost } }");

  EXPECT_EQ(limit["rateLimit"]["cost"], 1);
  EXPECT_EQ(limit["rateLimit"]["remaining"], 0);
  EXPECT_EQ(limit["rateLimit"]["used"], 100);
  EXPECT_EQ(json::parse(refused.body)["errors"][0]["type"], "RATE_LIMITED");
  EXPECT_EQ(refused.status, 200);
  EXPECT_EQ(refused.header("X-RateLimit-Resource"), "graphql");
  EXPECT_EQ(refused.header("X-RateLimit-Remaining"), "0");
  EXPECT_EQ(api_get_as_acme("/user").header("X-RateLimit-Remaining"), "4999");
  EXPECT_EQ(github.log()[0].operation, "Left");
  EXPECT_EQ(github.log()[0].points, 1);
}

TEST_F(GraphQlTest, FailsByTheOperationsName) {
  github.faults().add({.operation = "Second"}, Respond{502, {{"Content-Type", "text/html"}}, "<html>"});

  EXPECT_EQ(query("query First { viewer { login } }").status, 200);
  EXPECT_EQ(query("query Second { viewer { login } }").status, 502);
  EXPECT_EQ(query("query Second { viewer { login } }").status, 200);
}

TEST_F(GraphQlTest, SpreadsFragmentsAndLeavesOutWhatDirectivesSay) {
  const std::string text =
      "# of the viewer\nquery A($yes: Boolean = true, $no: Boolean!) { me: viewer { ...who, login @skip(if: "
      "$yes) "
      "id @include(if: $no) ... @include(if: $yes) { __typename } } }\n"
      "query B { viewer { login } }\n"
      "fragment who on Actor { ... on User { name: login ...more } ... on Bot { id } }\n"
      "fragment more on RepositoryOwner { repositories(first: 1) { totalCount } repositories(first: 1) { "
      "pageInfo { "
      "hasNextPage } } }";
  const std::string body =
      json{{"query", text}, {"operationName", "A"}, {"variables", {{"no", false}}}}.dump();

  const ClientResponse answer =
      http_post(github.origin() + "/api/graphql", body, {{"Authorization", "Bearer " + token}});

  EXPECT_EQ(
      answer.body,
      R"({"data":{"me":{"name":"acme","repositories":{"totalCount":0,"pageInfo":{"hasNextPage":false}},)"
      R"("__typename":"User"}}})");
}

TEST_F(GraphQlTest, FindsRepositoriesByTheirOldNamesToo) {
  const auto id = world.add_repository("acme", "before");
  world.rename(id, "after");
  const auto named = [&](const std::string& arguments) {
    return json::parse(query("{ repository(owner: \"acme\", " + arguments + ") { nameWithOwner } }").body);
  };

  EXPECT_EQ(named("name: \"before\"")["data"]["repository"]["nameWithOwner"], "acme/after");
  const json refused = named("name: \"before\", followRenames: false");
  EXPECT_TRUE(refused["data"]["repository"].is_null());
  EXPECT_EQ(refused["errors"][0]["type"], "NOT_FOUND");
  EXPECT_EQ(refused["errors"][0]["path"], json({"repository"}));
  EXPECT_EQ(refused["errors"][0]["message"],
            "Could not resolve to a Repository with the name 'acme/before'.");
}

TEST_F(GraphQlTest, RefusesWhatIsNoQuestionOfIts) {
  const auto refusal = [&](const std::string& text, const json& variables = json::object()) {
    const json answer = json::parse(query(text, variables).body);
    EXPECT_FALSE(answer.contains("data")) << text;
    return answer.at("errors").at(0);
  };
  const std::string wide =
      "{ viewer { repositories(first: 100) { nodes { issues(first: 100) { nodes { comments(first: 100) { "
      "totalCount } } } } } } }";

  EXPECT_EQ(refusal(wide)["type"], "MAX_NODE_LIMIT_EXCEEDED");
  EXPECT_EQ(refusal(wide)["message"],
            "This query requests up to 1,010,100 possible nodes which exceeds the maximum limit of 500,000.");
  EXPECT_EQ(refusal("query($n: Int!) { viewer { repositories(first: $n) { totalCount } } }")["message"],
            "Variable $n of type Int! was provided invalid value");
  EXPECT_EQ(refusal("query($n: Int) { viewer { repositories(first: $n) { totalCount } } }",
                    {{"n", "1"}})["message"],
            "Variable $n of type Int was provided invalid value");
  EXPECT_EQ(refusal("{ viewer { repositories(first: $n) { totalCount } } }")["message"],
            "Variable $n is used but not declared");
  EXPECT_EQ(refusal("{ viewer { ...none } }")["message"], "Fragment none was used, but not defined");
  EXPECT_EQ(refusal("{ viewer { repositories(first: 1, after: \"x\") { nodes { id } } } }")["type"],
            "INVALID_CURSOR_ARGUMENTS");
}

TEST_F(GraphQlTest, RefusesWhatItDoesNotKnow) {
  const auto site = node_of(world.add_repository("acme", "site"));
  const auto refusal = [&](const std::string& fields) {
    const json answer = json::parse(
        query("{ nodes(ids: [\"" + site + "\"]) { ... on Repository { " + fields + " } } }").body);
    EXPECT_FALSE(answer.contains("data")) << fields;
    return answer.at("errors").at(0).at("message").get<std::string>();
  };

  EXPECT_EQ(refusal("nonsense"), "Field 'nonsense' doesn't exist on type 'Repository'");
  EXPECT_EQ(refusal("releases { nodes { tagName } }"),
            "You must provide a `first` or `last` value to properly paginate the `releases` connection.");
  EXPECT_EQ(refusal("releases(first: 101) { nodes { tagName } }"),
            "Requesting 101 records on the `releases` connection exceeds the `first` limit of 100 records.");
  EXPECT_EQ(refusal("id }"), "Parse error on \"}\"");
  EXPECT_EQ(refusal(""), "Parse error on \" } }\"");
}

}  // namespace
}  // namespace hubkeep::sim
