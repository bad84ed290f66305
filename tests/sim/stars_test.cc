#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "sim/sim_fixture.h"

namespace hubkeep::sim {
namespace {

using nlohmann::json;
using testing::ElementsAre;

class Stars : public SimTest {
 protected:
  Stars() {
    world.set_time(UtcTime(std::chrono::seconds(1'800'000'000)));
    for (const RepositoryId id : {first, second, hidden}) {
      world.star("acme", id);
      world.advance(std::chrono::seconds(60));
    }
  }

  std::vector<std::string> list(const std::string& path, const Headers& headers = {}) {
    std::vector<std::string> out;
    for (const json& repository : json::parse(api_get(path, headers).body))
      out.push_back(repository.at("name"));
    return out;
  }

  RepositoryId first = world.add_repository("other", "first");
  RepositoryId second = world.add_repository("other", "second");
  RepositoryId hidden = world.add_repository("acme", "hidden", {.is_private = true});
  Headers acme = {{"Authorization", "Bearer " + token}};
};

TEST_F(Stars, AreListedNewestFirstAsFarAsTheCallerSeesThem) {
  EXPECT_THAT(list("/user/starred", acme), ElementsAre("hidden", "second", "first"));
  EXPECT_THAT(list("/users/acme/starred"), ElementsAre("second", "first"));
  EXPECT_THAT(list("/user/starred?direction=asc&per_page=2", acme), ElementsAre("first", "second"));

  world.unstar("acme", second);
  world.edit(first, [](Repository& repository) { repository.description = "Changed"; });

  EXPECT_THAT(list("/user/starred", acme), ElementsAre("hidden", "first"));
  EXPECT_THAT(list("/user/starred?sort=updated", acme), ElementsAre("first", "hidden"));
  EXPECT_EQ(api_get("/user/starred").status, 401);
  EXPECT_EQ(api_get("/users/nobody/starred").status, 404);
}

TEST_F(Stars, HaveTheirTimeWhereTheMediaTypeAsksForIt) {
  const Headers headers = {{"Accept", "application/vnd.github.star+json"}};

  const json stars = json::parse(api_get("/users/acme/starred", headers).body);

  EXPECT_EQ(stars.at(0).at("starred_at"), "2027-01-15T08:01:00Z");
  EXPECT_EQ(stars.at(0).at("repo").at("full_name"), "other/second");
}

TEST_F(Stars, AreListedInPages) {
  const ClientResponse own = api_get("/user/starred?per_page=1", acme);
  const ClientResponse of_user = api_get("/users/acme/starred?per_page=1");
  const auto id = world.find_account("acme")->id;

  EXPECT_NE(own.header("Link").find("/user/starred?page=2&per_page=1>; rel=\"next\""), std::string::npos);
  EXPECT_NE(of_user.header("Link").find(fmt::format("/user/{}/starred?page=2&per_page=1>", id)),
            std::string::npos);
  EXPECT_THAT(list(fmt::format("/user/{}/starred?page=2&per_page=1", id)), ElementsAre("first"));
}

TEST_F(Stars, OfTheUserAreClosedToApps) {
  world.add_app({.id = 12, .owner = "acme"});
  const std::string app =
      world.add_installation_token(*world.find_installation(world.install(12, "acme"))).value;
  const Headers headers = {{"Authorization", "Bearer " + app}};

  EXPECT_EQ(api_get("/user/starred", headers).status, 403);
  EXPECT_EQ(api_get("/users/acme/starred", headers).status, 200);
}

}  // namespace
}  // namespace hubkeep::sim
