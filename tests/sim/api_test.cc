#include <fmt/format.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "sim/file_descriptor.h"
#include "sim/sim_fixture.h"

namespace hubkeep::sim {

namespace {

using nlohmann::json;
using Api = SimTest;

std::vector<std::string> names_in(const std::string& body) {
  std::vector<std::string> out;
  for (const json& repository : json::parse(body)) out.push_back(repository["full_name"]);
  return out;
}

std::string next_link(const ClientResponse& response) {
  std::string link = response.header("Link");
  auto end = link.find(">; rel=\"next\"");
  if (end == std::string::npos) return "";
  auto begin = link.rfind('<', end) + 1;
  return link.substr(begin, end - begin);
}

}  // namespace

TEST_F(Api, AnswersAsAProxyForAnyHost) {
  FileDescriptor client = connect_to("127.0.0.1", github.port());
  send_all(client,
           "GET http://github.localhost/api/v3/users/acme?page=1 HTTP/1.1\r\nHost: github.localhost\r\n"
           "User-Agent: test\r\nConnection: close\r\n\r\n");
  std::string answer;
  for (std::string some = receive_some(client); !some.empty(); some = receive_some(client)) answer += some;

  EXPECT_TRUE(answer.starts_with("HTTP/1.1 200 ")) << answer;
  ASSERT_EQ(github.log().size(), 1U);
  EXPECT_EQ(github.log()[0].path, "/api/v3/users/acme");
  EXPECT_EQ(github.log()[0].query, "page=1");
}

TEST_F(Api, TellsWhoTheTokenIs) {
  ClientResponse response = api_get_as_acme("/user");

  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(json::parse(response.body)["login"], "acme");
  EXPECT_FALSE(response.header("Date").empty());
  EXPECT_FALSE(response.header("X-RateLimit-Remaining").empty());
  EXPECT_FALSE(response.header("X-GitHub-Request-Id").empty());
}

TEST_F(Api, RefusesAWrongTokenAndNone) {
  ClientResponse wrong = api_get("/user", {{"Authorization", "Bearer ghp_wrong"}});
  ClientResponse none = api_get("/user/repos");

  EXPECT_EQ(wrong.status, 401);
  EXPECT_EQ(json::parse(wrong.body)["message"], "Bad credentials");
  EXPECT_EQ(none.status, 401);
}

TEST_F(Api, RefusesARequestWithoutUserAgent) {
  EXPECT_EQ(api_get("/users/acme", {{"User-Agent", ""}}).status, 403);
}

TEST_F(Api, ListsInPages) {
  for (int i = 0; i < 7; ++i) world.add_repository("acme", fmt::format("r{}", i));

  ClientResponse first =
      api_get_as_acme("/user/repos?per_page=3&affiliation=owner,collaborator&visibility=all");
  ClientResponse second = http_get(next_link(first), {{"Authorization", "token " + token}});
  ClientResponse third = http_get(next_link(second), {{"Authorization", "token " + token}});

  EXPECT_EQ(names_in(first.body), (std::vector<std::string>{"acme/r0", "acme/r1", "acme/r2"}));
  EXPECT_EQ(names_in(third.body), (std::vector<std::string>{"acme/r6"}));
  EXPECT_EQ(next_link(third), "");
  EXPECT_NE(second.header("Link").find("rel=\"prev\""), std::string::npos);
  EXPECT_NE(second.header("Link").find("page=3&"), std::string::npos) << second.header("Link");
}

TEST_F(Api, RefusesTypeBesideVisibility) {
  EXPECT_EQ(api_get_as_acme("/user/repos?type=all&visibility=all").status, 422);
}

TEST_F(Api, ShowsEachTokenWhatItMaySee) {
  RepositoryOptions hidden;
  hidden.is_private = true;
  RepositoryId chosen = world.add_repository("acme", "chosen", hidden);
  world.add_repository("acme", "other", hidden);
  Token fine;
  fine.login = "acme";
  fine.kind = TokenKind::fine_grained;
  fine.repositories = {chosen};
  std::string fine_token = world.add_token(fine);

  ClientResponse narrow = api_get("/user/repos", {{"Authorization", "Bearer " + fine_token}});

  EXPECT_EQ(names_in(narrow.body), (std::vector<std::string>{"acme/chosen"}));
  EXPECT_EQ(names_in(api_get_as_acme("/user/repos").body).size(), 2U);
  EXPECT_TRUE(names_in(api_get("/users/acme/repos").body).empty());
  EXPECT_EQ(api_get("/repos/acme/other").status, 404);
}

TEST_F(Api, HidesWhatIsPrivateFromAClassicTokenWithoutTheScope) {
  world.add_repository("acme", "open");
  world.add_repository("acme", "secret", {.is_private = true});
  world.add_token(Token{.value = "ghp_none", .login = "acme", .scopes = {}});
  const auto get = [&](const std::string& path) {
    return api_get(path, {{"Authorization", "Bearer ghp_none"}});
  };

  EXPECT_EQ(names_in(get("/user/repos").body), (std::vector<std::string>{"acme/open"}));
  EXPECT_EQ(names_in(api_get_as_acme("/user/repos").body).size(), 2U);
  EXPECT_EQ(get("/repos/acme/secret").status, 404);
  EXPECT_EQ(get("/user/repos").header("X-OAuth-Scopes"), "");
}

TEST_F(Api, TellsHowARepositoryIsReached) {
  world.add_organization("corp", {"acme"});
  world.add_repository("corp", "tool");
  RepositoryOptions shared;
  shared.collaborators = {"acme"};
  world.add_repository("friend", "toy", shared);

  EXPECT_EQ(names_in(api_get_as_acme("/user/repos?affiliation=organization_member").body),
            (std::vector<std::string>{"corp/tool"}));
  EXPECT_EQ(names_in(api_get_as_acme("/user/repos?affiliation=collaborator").body),
            (std::vector<std::string>{"friend/toy"}));
  EXPECT_EQ(names_in(api_get_as_acme("/orgs/corp/repos?type=all").body),
            (std::vector<std::string>{"corp/tool"}));
}

TEST_F(Api, LeadsFromAnOldNameToTheId) {
  RepositoryId id = world.add_repository("acme", "site");
  world.rename(id, "pages");

  ClientResponse old_name = api_get("/repos/acme/site");
  std::string location = fmt::format("{}/repositories/{}", github.api_url(), id);

  EXPECT_EQ(old_name.status, 301);
  EXPECT_EQ(old_name.header("Location"), location);
  EXPECT_EQ(json::parse(old_name.body)["url"], location);
  EXPECT_EQ(json::parse(http_get(location).body)["full_name"], "acme/pages");
  EXPECT_EQ(api_get("/repos/ACME/Pages").status, 200);
}

TEST_F(Api, TellsThatARepositoryIsBlocked) {
  RepositoryId id = world.add_repository("acme", "site");
  world.edit(id, [](Repository& repository) { repository.block = Block::dmca; });

  ClientResponse response = api_get("/repos/acme/site");

  EXPECT_EQ(response.status, 451);
  EXPECT_TRUE(json::parse(response.body)["block"].contains("html_url"));
}

TEST_F(Api, AnswersAKnownEntityTagWith304AndDoesNotCountIt) {
  world.add_repository("acme", "site");
  github.rate_limiter().set(RateLimit{100, 50, std::chrono::seconds(60), 403});
  ClientResponse first = api_get_as_acme("/user/repos");

  ClientResponse again =
      api_get("/user/repos", {{"Authorization", "Bearer " + token}, {"If-None-Match", first.header("ETag")}});

  EXPECT_EQ(again.status, 304);
  EXPECT_EQ(again.header("X-RateLimit-Remaining"), "49");
}

TEST_F(Api, RefusesWhenNothingRemains) {
  world.set_time(UtcTime(std::chrono::seconds(1'800'000'000)));
  github.rate_limiter().set(RateLimit{100, 0, std::chrono::seconds(60), 429});

  ClientResponse refused = api_get_as_acme("/user");
  world.advance(std::chrono::seconds(60));

  EXPECT_EQ(refused.status, 429);
  EXPECT_EQ(refused.header("X-RateLimit-Remaining"), "0");
  EXPECT_EQ(refused.header("X-RateLimit-Reset"), "1800000060");
  EXPECT_EQ(refused.header("Date"), "Fri, 15 Jan 2027 08:00:00 GMT");
  EXPECT_EQ(api_get_as_acme("/user").status, 200);
}

}  // namespace hubkeep::sim
