#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "sim/sim_fixture.h"

namespace hubkeep::sim {
namespace {

using nlohmann::json;

class GraphQlTest : public SimTest {
 protected:
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

}  // namespace
}  // namespace hubkeep::sim
