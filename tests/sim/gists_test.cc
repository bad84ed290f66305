#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "sim/sim_fixture.h"

namespace hubkeep::sim {
namespace {

using nlohmann::json;
using testing::ElementsAre;
using testing::IsEmpty;

class Gists : public SimTest {
 protected:
  Gists() { world.set_time(UtcTime(std::chrono::seconds(1'800'000'000))); }

  std::string add(const std::string& description, bool is_public = true, const std::string& owner = "acme") {
    world.advance(std::chrono::seconds(60));
    Gist gist;
    gist.owner = owner;
    gist.description = description;
    gist.is_public = is_public;
    gist.files = {{"a.txt", "text\n"}};
    return world.add_gist(gist);
  }
  ClientResponse get(const std::string& path, const std::string& who) {
    return api_get(path, who.empty() ? Headers{} : Headers{{"Authorization", "Bearer " + who}});
  }
  std::vector<std::string> list(const std::string& path, const std::string& who) {
    std::vector<std::string> out;
    for (const json& gist : json::parse(get(path, who).body)) out.push_back(gist.at("description"));
    return out;
  }
  std::string git_url(const std::string& id, const std::string& who = "") {
    const std::string url = fmt::format("{}/gist/{}.git", github.origin(), id);
    return who.empty() ? url : fmt::format("http://x:{}@{}", who, url.substr(7));
  }
};

TEST_F(Gists, AreListedNewestFirstToTheirOwner) {
  add("open");
  const std::string secret = add("secret", false);
  add("another's", true, "other");
  const json gist = json::parse(get("/gists", token).body).at(0);

  EXPECT_THAT(list("/gists", token), ElementsAre("secret", "open"));
  EXPECT_THAT(list("/gists", ""), ElementsAre("another's", "open"));
  EXPECT_THAT(list("/users/acme/gists", token), ElementsAre("open"));
  EXPECT_EQ(gist["id"], secret);
  EXPECT_EQ(gist["public"], false);
  EXPECT_EQ(gist["files"]["a.txt"]["size"], 5);
  EXPECT_FALSE(gist["files"]["a.txt"].contains("content"));
  EXPECT_EQ(gist["git_pull_url"], git_url(secret));
}

TEST_F(Gists, AreListedInPagesAndSinceATime) {
  for (int i = 0; i < 5; ++i) add(fmt::format("{}", i));

  const ClientResponse page = get("/gists?per_page=2&page=2", token);

  EXPECT_THAT(list("/gists?per_page=2&page=2", token), ElementsAre("2", "1"));
  EXPECT_NE(page.header("Link").find("/gists?page=3&per_page=2>; rel=\"next\""), std::string::npos);
  EXPECT_THAT(list("/gists?since=2027-01-15T08:04:00Z", token), ElementsAre("4", "3"));
}

TEST_F(Gists, AreShownAsTheKindOfTheTokenAndItsScopesSay) {
  add("open");
  const std::string secret = add("secret", false);
  world.star_gist("acme", secret);
  world.add_token(Token{.value = "ghp_narrow", .login = "acme", .scopes = {"repo"}});
  world.add_token(Token{.value = "fine_public", .login = "acme", .kind = TokenKind::fine_grained});
  world.add_token(
      {.value = "fine_all", .login = "acme", .kind = TokenKind::fine_grained, .gists = GistAccess::all});
  world.add_token(
      {.value = "fine_none", .login = "acme", .kind = TokenKind::fine_grained, .gists = GistAccess::refused});

  EXPECT_THAT(list("/gists", "ghp_narrow"), ElementsAre("open"));
  EXPECT_EQ(get("/gists", "ghp_narrow").header("X-OAuth-Scopes"), "repo");
  EXPECT_EQ(get("/gists", token).header("X-OAuth-Scopes"), "gist, read:org, repo");
  EXPECT_THAT(list("/gists", "fine_public"), ElementsAre("open"));
  EXPECT_THAT(list("/gists", "fine_all"), ElementsAre("secret", "open"));
  EXPECT_THAT(list("/gists/starred", token), ElementsAre("secret"));
  EXPECT_THAT(list("/gists/starred", "ghp_narrow"), IsEmpty());
  EXPECT_EQ(get("/gists", "fine_none").status, 403);
  EXPECT_EQ(get("/gists", "ghp_wrong").status, 401);
  EXPECT_EQ(get("/gists/starred", "").status, 401);
}

TEST_F(Gists, AreClosedToApps) {
  const std::string id = add("open");
  world.add_app({.id = 12, .owner = "acme"});
  const std::string app =
      world.add_installation_token(*world.find_installation(world.install(12, "acme"))).value;

  for (const std::string path : {"/gists", "/gists/starred", "/users/acme/gists"})
    EXPECT_EQ(get(path, app).status, 403) << path;
  EXPECT_EQ(get("/gists/" + id, app).status, 403);
  EXPECT_EQ(get("/gists/" + id + "/comments", app).status, 403);
}

TEST_F(Gists, HaveTheirContentAndHistoryWhereOneIsAskedFor) {
  const std::string id = add("secret", false);
  world.edit_gist(id, [](Gist& gist) { gist.files = {{"b.txt", std::string(1024 * 1024 + 1, 'b')}}; });

  const json gist = json::parse(get("/gists/" + id, "").body);

  EXPECT_EQ(gist["files"].size(), 1U);
  EXPECT_EQ(gist["files"]["b.txt"]["truncated"], true);
  EXPECT_EQ(gist["files"]["b.txt"]["content"].get<std::string>().size(), 1024U * 1024U);
  EXPECT_EQ(gist["history"].size(), 2U);
  EXPECT_EQ(gist["history"][0]["version"], git(world.find_gist(id)->path, {"rev-parse", "HEAD"}));
  EXPECT_EQ(get("/gists/none", token).status, 404);
}

TEST_F(Gists, HaveCommentsThatDoNotMoveTheirTime) {
  const std::string id = add("open");
  const std::string time = json::parse(get("/gists/" + id, token).body)["updated_at"];
  world.advance(std::chrono::seconds(60));
  const GistCommentId first = world.add_gist_comment(id, "acme", "One");
  const GistCommentId second = world.add_gist_comment(id, "other", "Two");
  world.edit_gist_comment(id, second, "Too");

  const json comments = json::parse(get("/gists/" + id + "/comments?per_page=100", token).body);

  ASSERT_EQ(comments.size(), 2U);
  EXPECT_EQ(comments[0]["author_association"], "OWNER");
  EXPECT_EQ(comments[1]["user"]["login"], "other");
  EXPECT_EQ(comments[1]["body"], "Too");
  world.remove_gist_comment(id, first);
  EXPECT_EQ(json::parse(get("/gists/" + id, token).body)["comments"], 1);
  EXPECT_EQ(json::parse(get("/gists/" + id, token).body)["updated_at"], time);
}

TEST_F(Gists, AreStarredAndRemoved) {
  const std::string mine = add("mine");
  const std::string other = add("another's", true, "other");
  world.star_gist("acme", mine);
  world.star_gist("acme", other);

  EXPECT_THAT(list("/gists/starred", token), ElementsAre("another's", "mine"));
  world.unstar_gist("acme", mine);
  EXPECT_THAT(list("/gists/starred", token), ElementsAre("another's"));
  world.remove_gist(other);
  EXPECT_THAT(list("/gists/starred", token), IsEmpty());
  EXPECT_EQ(run({"git", "ls-remote", git_url(other)}).exit_code, 128);
}

TEST_F(Gists, AreGitRepositoriesThatTheirOwnerMayPushTo) {
  const std::string id = add("secret", false);
  world.add_token("other", "ghp_other");
  world.add_token(Token{.value = "ghp_narrow", .login = "acme", .scopes = {"repo"}});
  const std::string work = (folder / "work").string();
  run_checked({"git", "clone", "--quiet", git_url(id), work});
  git(work, {"mv", "a.txt", "b.txt"});
  git(work, {"commit", "--quiet", "--message", "Another name"});
  const auto push = [&](const std::string& who) {
    return run({"git", "-C", work, "push", "--quiet", git_url(id, who), "HEAD"}).exit_code;
  };
  world.advance(std::chrono::seconds(60));
  github.clear_log();

  EXPECT_NE(push("ghp_other"), 0);
  EXPECT_NE(push("ghp_narrow"), 0);
  EXPECT_NE(push("ghp_wrong"), 0);
  EXPECT_TRUE(json::parse(get("/gists/" + id, token).body)["files"].contains("a.txt"));
  EXPECT_EQ(push(token), 0);

  const json gist = json::parse(get("/gists/" + id, token).body);
  EXPECT_EQ(gist["files"]["b.txt"]["content"], "text\n");
  EXPECT_FALSE(gist["files"].contains("a.txt"));
  EXPECT_EQ(gist["updated_at"], format_time(world.now()));
  EXPECT_EQ(github.log().front().repository, "gist/" + id);
}

}  // namespace
}  // namespace hubkeep::sim
