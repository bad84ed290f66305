#include "sim/control_api.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <httplib.h>

#include <nlohmann/json.hpp>

#include "sim/sim_fixture.h"

namespace hubkeep::sim {

namespace {

using nlohmann::json;

class ControlApiTest : public SimTest {
 protected:
  ControlApi control{github, 0};
  httplib::Client client{"127.0.0.1", control.port()};

  json add_repository(const json& fields) {
    auto response = client.Post("/repositories", fields.dump(), "application/json");
    return response ? json::parse(response->body) : json();
  }
};

}  // namespace

TEST_F(ControlApiTest, AddsARepositoryWithContent) {
  json added = add_repository({{"owner", "acme"},
                               {"name", "site"},
                               {"private", true},
                               {"pushed_at", "2026-01-02T03:04:05Z"},
                               {"content", {{"seed", 4}, {"commits", 3}}}});

  Repository repository = world.repository(added["id"]);
  EXPECT_TRUE(repository.is_private);
  EXPECT_EQ(repository.pushed_at, parse_time("2026-01-02T03:04:05Z"));
  EXPECT_EQ(repository.path, world.root() / "acme/site.git");
  EXPECT_EQ(git(repository.path, {"rev-list", "--count", "refs/tags/v1.0"}), "5");
}

TEST_F(ControlApiTest, RenamesTransfersAndRemoves) {
  json added = add_repository({{"owner", "acme"}, {"name", "site"}});
  std::string path = fmt::format("/repositories/{}", added["id"].get<RepositoryId>());

  client.Patch(path, R"({"owner": "corp", "name": "pages", "archived": true})", "application/json");
  Repository changed = world.repository(added["id"]);
  client.Delete(path);

  EXPECT_EQ(changed.full_name(), "corp/pages");
  EXPECT_TRUE(changed.archived);
  EXPECT_FALSE(world.find_repository("corp", "pages"));
  EXPECT_FALSE(world.find_repository("acme", "site"));
}

TEST_F(ControlApiTest, OrdersFaultsAndShowsTheLog) {
  auto ordered = client.Post("/faults",
                             R"([{"match": {"path": "/user"}, "times": -1,
           "action": {"type": "respond", "status": 502, "headers": {"Retry-After": "3"}}}])",
                             "application/json");
  int status = api_get_as_acme("/user").status;
  json log = json::parse(client.Get("/log")->body);
  client.Delete("/faults");
  client.Delete("/log");

  EXPECT_EQ(ordered->status, 200);
  EXPECT_EQ(status, 502);
  ASSERT_EQ(log.size(), 1U);
  EXPECT_EQ(log[0]["status"], 502);
  EXPECT_EQ(api_get_as_acme("/user").status, 200);
  EXPECT_EQ(github.log().size(), 1U);
}

TEST_F(ControlApiTest, RefusesWhatItDoesNotUnderstand) {
  auto unknown = client.Post("/faults", R"({"action": {"type": "earthquake"}})", "application/json");
  auto broken = client.Post("/repositories", "{", "application/json");
  auto missing = client.Patch("/repositories/1", "{}", "application/json");

  EXPECT_EQ(unknown->status, 422);
  EXPECT_EQ(broken->status, 400);
  EXPECT_EQ(missing->status, 404);
}

}  // namespace hubkeep::sim
