#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "crypto/base64.h"
#include "crypto/rs256.h"
#include "crypto/test_keys.h"
#include "sim/sim_fixture.h"
#include "sim/world_json.h"

namespace hubkeep::sim {

namespace {

using nlohmann::json;
using std::chrono::minutes;
using std::chrono::seconds;

class AppApi : public SimTest {
 protected:
  AppApi() {
    world.set_time(now_);
    world.add_app({.id = 12, .client_id = "Iv23x", .owner = "acme", .public_key = kTestPublicKey});
    installation_ = world.install(12, "acme");
  }

  std::string signed_claims(const json& claims) const {
    std::string text = base64url(R"({"alg":"RS256","typ":"JWT"})") + "." + base64url(claims.dump());
    return text + "." + base64url(Rs256Key::parse(kTestKey).sign(text));
  }
  std::string jwt(seconds issued = minutes(-1), seconds expires = minutes(9),
                  const json& issuer = "12") const {
    return signed_claims({{"iat", (now_ + issued).time_since_epoch().count()},
                          {"exp", (now_ + expires).time_since_epoch().count()},
                          {"iss", issuer}});
  }
  int status_for(const std::string& value) {
    return api_get("/app/installations", {{"Authorization", "Bearer " + value}}).status;
  }
  std::string make_token() {
    auto response =
        http_post(github.api_url() + "/app/installations/" + std::to_string(installation_) + "/access_tokens",
                  "{}", {{"Authorization", "Bearer " + jwt()}});
    EXPECT_EQ(response.status, 201) << response.body;
    return json::parse(response.body)["token"];
  }
  ClientResponse get_as(const std::string& token_value, const std::string& path) {
    return api_get(path, {{"Authorization", "Bearer " + token_value}});
  }

  UtcTime now_{seconds(1'800'000'000)};
  InstallationId installation_ = 0;
};

}  // namespace

TEST_F(AppApi, TakesASignedTokenByNumberOrClientId) {
  EXPECT_EQ(status_for(jwt()), 200);
  EXPECT_EQ(status_for(jwt(minutes(-1), minutes(9), 12)), 200);
  EXPECT_EQ(status_for(jwt(minutes(-1), minutes(10), "Iv23x")), 200);
}

TEST_F(AppApi, RefusesATokenOutOfItsTimeOrOfAnotherKeyOrApp) {
  EXPECT_EQ(status_for(jwt(seconds(1), minutes(9))), 401);
  EXPECT_EQ(status_for(jwt(minutes(-9), seconds(0))), 401);
  EXPECT_EQ(status_for(jwt(minutes(-1), seconds(601))), 401);
  EXPECT_EQ(status_for(jwt(minutes(-1), minutes(9), "13")), 404);
  EXPECT_EQ(status_for("a.b.c"), 401);
  std::string forged = jwt();
  forged[forged.size() - 10] = forged[forged.size() - 10] == 'A' ? 'B' : 'A';
  EXPECT_EQ(status_for(forged), 401);
}

TEST_F(AppApi, ItsTokensHoldForAnHourForRestAndGit) {
  auto id = add_filled("site", {.is_private = true});
  std::string value = make_token();
  Headers basic = {{"Authorization", "Basic " + base64("x-access-token:" + value)}};

  world.set_time(now_ + minutes(59));
  EXPECT_EQ(get_as(value, "/installation/repositories").status, 200);
  EXPECT_EQ(get_as(value, "/repos/acme/site").status, 200);
  EXPECT_EQ(git_post(id, ls_refs_body(), basic).status, 200);

  world.set_time(now_ + minutes(60));
  EXPECT_EQ(get_as(value, "/installation/repositories").status, 401);
  EXPECT_EQ(get_as(value, "/repos/acme/site").status, 401);
  EXPECT_EQ(git_post(id, ls_refs_body(), basic).status, 401);
}

TEST_F(AppApi, ReachesWhatIsSelectedOnly) {
  auto site = add_filled("site", {.is_private = true});
  add_filled("tool", {.is_private = true});
  world.edit_installation(installation_, [&](Installation& each) { each.repositories = {{site}}; });
  std::string value = make_token();

  json listed = json::parse(get_as(value, "/installation/repositories").body);

  EXPECT_EQ(listed["total_count"], 1);
  EXPECT_EQ(listed["repositories"][0]["full_name"], "acme/site");
  EXPECT_EQ(get_as(value, "/repos/acme/tool").status, 404);
  EXPECT_EQ(get_as(value, "/user").status, 403);
  EXPECT_EQ(get_as(value, "/user/repos").status, 403);
}

TEST_F(AppApi, SuspendedAndUninstalledGetNothing) {
  std::string value = make_token();
  world.edit_installation(installation_, [](Installation& each) { each.suspended = true; });
  std::string url =
      github.api_url() + "/app/installations/" + std::to_string(installation_) + "/access_tokens";

  EXPECT_EQ(get_as(value, "/installation/repositories").status, 401);
  EXPECT_EQ(http_post(url, "{}", {{"Authorization", "Bearer " + jwt()}}).status, 403);
  world.uninstall(installation_);
  EXPECT_EQ(http_post(url, "{}", {{"Authorization", "Bearer " + jwt()}}).status, 404);
}

TEST_F(AppApi, IsReadFromAWorldsDescription) {
  World other(folder / "other");

  load_world({{"organizations", {{{"login", "corp"}}}},
              {"repositories", {{{"owner", "corp"}, {"name", "tool"}}}},
              {"apps",
               {{{"id", 7},
                 {"owner", "corp"},
                 {"public_key", kTestPublicKey},
                 {"installations",
                  {{{"account", "corp"}, {"repositories", {"corp/tool"}}, {"suspended", true}}}}}}}},
             other);

  ASSERT_TRUE(other.find_app("7"));
  auto installations = other.installations_of(7);
  ASSERT_EQ(installations.size(), 1U);
  EXPECT_TRUE(installations[0].suspended);
  EXPECT_EQ(installations[0].repositories->size(), 1U);
}

}  // namespace hubkeep::sim
