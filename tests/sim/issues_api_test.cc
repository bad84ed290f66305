// The traps of GitHub's lists, and whom it shows what.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <set>

#include "sim/busy_repository.h"
#include "sim/metadata.h"
#include "sim/sample_things.h"
#include "sim/sim_fixture.h"

namespace hubkeep::sim {
namespace {

using nlohmann::json;

class IssuesApi : public SimTest {
 protected:
  IssuesApi() { world.set_time(UtcTime(std::chrono::seconds(1'800'000'000))); }

  json get(const std::string& path) { return json::parse(api_get_as_acme("/repos/acme/site/" + path).body); }

  /// The numbers or ids of a whole list, as its links lead, which must be to the repository's id.
  std::vector<std::int64_t> walk(const std::string& path, const std::string& field) {
    std::vector<std::int64_t> out;
    std::string url = github.api_url() + "/repos/acme/site/" + path;
    while (!url.empty()) {
      const ClientResponse page = http_get(url);
      for (const json& item : json::parse(page.body)) out.push_back(item[field]);
      const std::string link = page.header("Link");
      const auto end = link.find(">; rel=\"next\"");
      const auto begin = end == std::string::npos ? end : link.rfind('<', end);
      url = end == std::string::npos ? "" : link.substr(begin + 1, end - begin - 1);
      if (!url.empty()) {
        EXPECT_TRUE(url.starts_with(fmt::format("{}/repositories/{}/", github.api_url(), site))) << url;
      }
    }
    return out;
  }

  RepositoryId site = world.add_repository("acme", "site");
  Metadata& metadata = world.metadata();
};

TEST_F(IssuesApi, ListsThoseThatAreOpenUnlessAllAreAskedFor) {
  make_busy(
      world, site,
      {.issues = 6, .pull_requests = 2, .comments = 0, .reviews = 0, .review_comments = 0, .events = 0});

  EXPECT_EQ(get("issues").size(), 6U) << "each fourth is closed";
  EXPECT_EQ(get("issues?state=all").size(), 8U);
  EXPECT_EQ(get("issues?state=all&direction=asc")[0]["number"], 1);
  EXPECT_EQ(get("issues?state=all")[0]["number"], 8) << "newest first";
  EXPECT_EQ(get("pulls?state=all").size(), 2U);
  EXPECT_TRUE(get("pulls?state=all")[0].contains("merged_at"));
  EXPECT_FALSE(get("pulls?state=all")[0].contains("merged")) << "only the single object says that";
}

TEST_F(IssuesApi, LeadsThroughAllPagesByACursorThatUpdatesDoNotShift) {
  make_busy(
      world, site,
      {.issues = 30, .pull_requests = 20, .comments = 0, .reviews = 0, .review_comments = 0, .events = 0});

  const auto numbers = walk("issues?state=all&sort=updated&direction=asc&per_page=7", "number");
  const std::string link = api_get("/repos/acme/site/issues?per_page=7").header("Link");

  EXPECT_EQ(std::set(numbers.begin(), numbers.end()).size(), 50U);
  EXPECT_EQ(numbers.size(), 50U);
  EXPECT_NE(link.find("after="), std::string::npos) << link;
  EXPECT_EQ(link.find("rel=\"last\""), std::string::npos) << link;
}

TEST_F(IssuesApi, RefusesDeepPagesByNumber) {
  const ClientResponse last = api_get("/repos/acme/site/issues?per_page=100&page=99");
  const ClientResponse beyond = api_get("/repos/acme/site/issues?per_page=100&page=100");
  const ClientResponse comments = api_get("/repos/acme/site/issues/comments?per_page=100&page=401");

  EXPECT_EQ(last.status, 200);
  EXPECT_EQ(beyond.status, 422);
  EXPECT_NE(beyond.body.find("please use cursor based pagination"), std::string::npos) << beyond.body;
  EXPECT_EQ(comments.status, 422);
  EXPECT_NE(comments.body.find("pagination is limited for this resource"), std::string::npos);
  EXPECT_EQ(api_get("/repos/acme/site/issues/comments?per_page=100&page=400").status, 200);
  EXPECT_EQ(api_get("/repos/acme/site/pulls/comments?per_page=100&page=401").status, 422);
}

TEST_F(IssuesApi, ListsWhatWasUpdatedSinceThenWithThatSecond) {
  make_busy(
      world, site,
      {.issues = 5, .pull_requests = 5, .comments = 40, .reviews = 10, .review_comments = 20, .events = 0});
  const json all = get("issues/comments?per_page=100&sort=updated&direction=asc");
  const std::string since = all[20]["updated_at"];

  const json later = get("issues/comments?per_page=100&sort=updated&direction=asc&since=" + since);
  const json by_creation = get("issues/comments?per_page=100&since=" + since);

  ASSERT_EQ(all.size(), 40U);
  EXPECT_EQ(later[0]["updated_at"], since);
  EXPECT_EQ(later.size(), by_creation.size());
  EXPECT_GE(later.size(), 20U);
  EXPECT_LT(later.size(), 40U);
  const json descending = get("issues/comments?per_page=100&sort=updated&since=" + since);
  EXPECT_EQ(descending.back(), later.front()) << "newest first where it is sorted";
  EXPECT_EQ(get("issues/comments?per_page=100&direction=desc")[0], get("issues/comments?per_page=100")[0])
      << "without sort there is no direction";
  EXPECT_EQ(get("pulls/comments?per_page=100").size(), 20U);
}

TEST_F(IssuesApi, SaysWhatIsSwitchedOff) {
  add_conversation_samples(world, site);
  metadata.change(site, [](RepositoryMetadata& all) {
    all.settings.has_issues = false;
    all.settings.has_pull_requests = false;
  });

  const ClientResponse issues = api_get("/repos/acme/site/issues");
  EXPECT_EQ(issues.status, 410);
  EXPECT_NE(issues.body.find("Issues are disabled for this repo"), std::string::npos);
  EXPECT_EQ(api_get("/repos/acme/site/pulls").status, 404);
  EXPECT_EQ(api_get("/repos/acme/site/pulls/comments").status, 404);
  EXPECT_EQ(json::parse(api_get("/repos/acme/site").body)["has_issues"], false);
}

TEST_F(IssuesApi, HasATagThatIsTheTokensOwn) {
  add_conversation_samples(world, site);
  world.add_token("acme", "ghp_second");
  const std::string path = "/repos/acme/site/issues?state=all";
  const std::string tag = api_get_as_acme(path).header("ETag");

  EXPECT_EQ(api_get(path, {{"Authorization", "Bearer ghp_secret"}, {"If-None-Match", tag}}).status, 304);
  EXPECT_EQ(api_get(path, {{"Authorization", "Bearer ghp_second"}, {"If-None-Match", tag}}).status, 200);
}

/// What each kind of token gets of one private repository.
class WhoSees : public IssuesApi {
 protected:
  WhoSees() {
    world.edit(site, [](Repository& repository) { repository.is_private = true; });
    add_conversation_samples(world, site);
    add_settings_samples(world, site);
    world.add_token(Token{.value = "ghp_bare", .login = "acme", .scopes = {}});
    world.add_token(Token{.value = "github_pat_few",
                          .login = "acme",
                          .kind = TokenKind::fine_grained,
                          .permissions = Permissions{{"issues", "read"}}});
    world.add_token(Token{.value = "github_pat_other",
                          .login = "acme",
                          .kind = TokenKind::fine_grained,
                          .repositories = std::set<RepositoryId>{1}});
    world.add_app({.id = 12, .owner = "acme"});
    const auto installation = world.install(12, "acme");
    world.edit_installation(installation, [](Installation& each) {
      each.permissions = Permissions{{"pull_requests", "read"}, {"repository_hooks", "write"}};
    });
    app_token = world.add_installation_token(*world.find_installation(installation)).value;
    world.edit(site, [](Repository& repository) { repository.collaborators = {"ben"}; });
    world.add_token("ben", "ghp_ben");
  }

  ClientResponse ask(const std::string& who, const std::string& what) {
    const Headers headers = who.empty() ? Headers{} : Headers{{"Authorization", "Bearer " + who}};
    return api_get("/repos/acme/site/" + what, headers);
  }

  std::string app_token;
};

TEST_F(WhoSees, WhatItsKindOfTokenMay) {
  const std::vector<std::string> paths = {
      "issues?state=all", "issues/comments", "pulls?state=all", "pulls/comments",
      "labels",           "comments",        "hooks",           "keys",
      "collaborators",    "actions/secrets", "topics"};
  const auto statuses = [&](const std::string& who) {
    std::vector<int> out;
    for (const std::string& path : paths) out.push_back(ask(who, path).status);
    return out;
  };

  EXPECT_EQ(statuses("ghp_secret"), std::vector<int>(paths.size(), 200)) << "the owner's classic token";
  EXPECT_EQ(statuses(""), std::vector<int>(paths.size(), 404));
  EXPECT_EQ(statuses("ghp_bare"), std::vector<int>(paths.size(), 404)) << "without the scope repo";
  EXPECT_EQ(statuses("github_pat_other"), std::vector<int>(paths.size(), 404)) << "not of this repository";
  EXPECT_EQ(statuses("ghp_ben"), (std::vector<int>{200, 200, 200, 200, 200, 200, 404, 404, 200, 200, 200}));
  EXPECT_EQ(statuses("github_pat_few"),
            (std::vector<int>{200, 200, 403, 403, 200, 403, 403, 403, 200, 403, 200}));
  EXPECT_EQ(statuses(app_token), (std::vector<int>{403, 200, 200, 200, 200, 403, 200, 403, 200, 403, 200}));
}

TEST_F(WhoSees, WhatPermissionWouldBringTheRest) {
  const ClientResponse hooks = ask("github_pat_few", "hooks");
  const ClientResponse issues = ask(app_token, "issues");
  const ClientResponse comments = ask(app_token, "issues/comments");

  EXPECT_EQ(hooks.header("X-Accepted-GitHub-Permissions"), "repository_hooks=read");
  EXPECT_EQ(json::parse(hooks.body)["message"], "Resource not accessible by personal access token");
  EXPECT_EQ(issues.header("X-Accepted-GitHub-Permissions"), "issues=read");
  EXPECT_EQ(json::parse(issues.body)["message"], "Resource not accessible by integration");
  EXPECT_EQ(comments.header("X-Accepted-GitHub-Permissions"), "issues=read; pull_requests=read");
  EXPECT_EQ(ask("ghp_secret", "hooks").header("X-Accepted-GitHub-Permissions"), "")
      << "a classic one has scopes";
}

TEST_F(WhoSees, OfAPublicRepositoryWhatIsPublic) {
  world.edit(site, [](Repository& repository) { repository.is_private = false; });

  EXPECT_EQ(ask("", "issues").status, 200);
  EXPECT_EQ(ask("github_pat_few", "pulls").status, 200) << "what all may see needs no permission";
  EXPECT_EQ(ask("", "hooks").status, 404);
  EXPECT_EQ(ask("", "collaborators").status, 401);
  EXPECT_EQ(json::parse(ask("", "security-advisories").body).size(), 1U) << "the draft is not shown";
  EXPECT_EQ(json::parse(ask("ghp_secret", "security-advisories").body).size(), 2U);
}

TEST_F(WhoSees, TheSettingsAsTheirLists) {
  EXPECT_EQ(get("hooks").size(), 1U);
  EXPECT_EQ(get("hooks")[0]["ping_url"], github.api_url() + "/repos/acme/site/hooks/1/pings");
  EXPECT_EQ(get("actions/secrets")["secrets"][0]["name"], "TOKEN");
  EXPECT_EQ(get("environments")["total_count"], 1);
  EXPECT_EQ(get("topics")["names"], json({"backup", "git"}));
  EXPECT_EQ(get("properties/values")[0]["value"], "gold");
  const json rulesets = get("rulesets");
  EXPECT_FALSE(rulesets[0].contains("rules"));
  EXPECT_EQ(get(fmt::format("rulesets/{}", rulesets[0]["id"].get<std::int64_t>()))["rules"].size(), 2U);
  EXPECT_EQ(get("interaction-limits")["limit"], "contributors_only");
  EXPECT_EQ(get("pages")["status"], "built");
  EXPECT_EQ(get("invitations")[0]["invitee"]["login"], "ben");
  EXPECT_EQ(get("collaborators").size(), 2U);
}

TEST_F(IssuesApi, TellsOfAccounts) {
  world.add_organization("corp", {"acme"});
  const RepositoryId tool = world.add_repository("corp", "tool");
  add_organization_samples(world, "corp", tool);
  add_user_samples(world, "acme", tool);
  const auto size = [&](const std::string& path) { return json::parse(api_get_as_acme(path).body).size(); };

  EXPECT_EQ(size("/orgs/corp/members"), 1U);
  EXPECT_EQ(size("/orgs/corp/teams"), 2U);
  EXPECT_EQ(size("/orgs/corp/teams/keepers/repos"), 1U);
  EXPECT_EQ(api_get_as_acme("/orgs/corp/hooks").status, 404) << "only an owner sees them";
  world.add_owner("corp", "acme");
  world.edit_token(token, [](Token& each) { each.scopes.insert("admin:org_hook"); });
  EXPECT_EQ(size("/orgs/corp/hooks"), 1U);
  EXPECT_EQ(api_get("/orgs/corp/teams").status, 401);
  EXPECT_EQ(size("/users/acme/followers"), 1U);
  EXPECT_EQ(size("/users/acme/keys"), 1U);
  EXPECT_EQ(size("/users/acme/subscriptions"), 1U);
  EXPECT_EQ(json::parse(api_get("/users/acme").body)["bio"], "Writes");
}

}  // namespace
}  // namespace hubkeep::sim
