#include "github/rest_github.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "http/scripted_http.h"

namespace hubkeep {
namespace {

using ::testing::AllOf;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::Optional;
using ::testing::SizeIs;

const std::string kInOrder = "&sort=created&direction=asc";
const std::string kApi = "https://api.github.com";
const std::string kMe = kApi + "/user";
const std::string kMine =
    kApi + "/user/repos?per_page=100&affiliation=owner,collaborator,organization_member&visibility=all" +
    kInOrder;
const std::string kOwn = kApi + "/user/repos?per_page=100&affiliation=owner&visibility=all" + kInOrder;
const std::string kAcme = kApi + "/orgs/acme/repos?per_page=100&type=all" + kInOrder;

std::string repository(int id, const std::string& full_name, int owner_id, const std::string& more = "") {
  const auto slash = full_name.find('/');
  return fmt::format(R"({{"id":{},"name":"{}","full_name":"{}","owner":{{"login":"{}","id":{}}},)"
                     R"("clone_url":"https://github.com/{}.git","pushed_at":null{}}})",
                     id, full_name.substr(slash + 1), full_name, full_name.substr(0, slash), owner_id,
                     full_name, more);
}

std::string list(const std::vector<std::string>& items) {
  return fmt::format("[{}]", fmt::join(items, ","));
}

class RestGitHubTest : public ::testing::Test {
 protected:
  RestGitHubTest() { http_.answer(kMe, 200, R"({"id":7,"login":"Octocat"})"); }

  RepositoryList run(const RepositorySelection& selection,
                     Secret token = Secret("ghp_hunter2", "TOKEN_GITHUB")) {
    github_ = make_rest_github(http_, clock_,
                               {.api_url = Url::parse(kApi),
                                .token = fixed_token(std::move(token)),
                                .observer = {},
                                .retries = {.max_attempts = 3}});
    return github_->list_repositories(selection, {});
  }

  Error error_of(const RepositorySelection& selection, Secret token = Secret("ghp_hunter2", "TOKEN_GITHUB")) {
    try {
      run(selection, std::move(token));
    } catch (const Error& error) {
      return error;
    }
    ADD_FAILURE() << "no error";
    return Error(ErrorKind::internal, "");
  }

  static std::vector<std::string> names(const RepositoryList& result) {
    std::vector<std::string> names;
    for (const auto& found : result.repositories) names.push_back(found.full_name);
    return names;
  }

  ScriptedHttp http_;
  ManualClock clock_;
  std::unique_ptr<GitHub> github_;
};

TEST_F(RestGitHubTest, ListsAllThatTheTokenReaches) {
  http_.answer(kMine, 200, list({repository(3, "acme/c", 9), repository(1, "octocat/a", 7)}),
               {{"Link", "<https://api.github.com/user/repos?page=2>; rel=\"next\""}});
  http_.answer(kApi + "/user/repos?page=2", 200,
               list({repository(2, "octocat/b", 7), repository(3, "acme/c", 9)}));

  const RepositoryList result = run({});

  EXPECT_THAT(names(result), ElementsAre("octocat/a", "octocat/b", "acme/c"));
  EXPECT_EQ(result.seen, 3U);
  EXPECT_EQ(result.owners, std::nullopt) << "whoever's they are";
  EXPECT_EQ(result.repositories.front().listed_at, parse_http_date(kDate));
  EXPECT_EQ(github_->request_count(), 3U);  // the first page again
  EXPECT_THAT(http_.urls(), Each(Not(HasSubstr("hunter2"))));
}

TEST_F(RestGitHubTest, NeedsATokenOrAName) {
  const Error error = error_of({}, {});

  EXPECT_EQ(error.kind(), ErrorKind::invalid);
  EXPECT_THAT(error.message(), AllOf(HasSubstr("TOKEN_GITHUB"), HasSubstr("--user"), HasSubstr("--org")));
  EXPECT_THAT(http_.requests, IsEmpty());
}

TEST_F(RestGitHubTest, NeedsATokenToKnowTheOwner) {
  RepositorySelection selection;
  selection.organizations = {"acme"};
  selection.only_owner = true;

  EXPECT_EQ(error_of(selection, {}).kind(), ErrorKind::invalid);
}

TEST_F(RestGitHubTest, KeepsOnlyWhatTheUserOwns) {
  http_.answer(kMine, 200, list({repository(1, "octocat/a", 7), repository(2, "acme/b", 9)}));
  RepositorySelection selection;
  selection.only_owner = true;

  const RepositoryList result = run(selection);

  EXPECT_THAT(names(result), ElementsAre("octocat/a"));
  EXPECT_EQ(result.seen, 2U);
  EXPECT_THAT(result.seen_ids, ElementsAre(1, 2));
}

TEST_F(RestGitHubTest, KeepsOnlyWhatTheUserOwnsAmongNames) {
  http_.answer(kApi + "/repos/acme/b", 200, repository(2, "acme/b", 9));
  http_.answer(kApi + "/repos/octocat/a", 200, repository(1, "octocat/a", 7));
  RepositorySelection selection;
  selection.names = {"acme/b", "octocat/a"};
  selection.only_owner = true;

  EXPECT_THAT(names(run(selection)), ElementsAre("octocat/a"));
}

TEST_F(RestGitHubTest, KnowsAnEmptyAccountFromATokenThatSeesNothing) {
  const auto is_proved_empty = [this](const Headers& headers, const std::string& items = "[]") {
    ScriptedHttp http;
    http.answer(kMine, 200, items, headers);
    const auto github = make_rest_github(http, clock_,
                                         {.api_url = Url::parse(kApi),
                                          .token = fixed_token(Secret("ghp_hunter2", "TOKEN_GITHUB")),
                                          .observer = {},
                                          .retries = {}});
    return github->list_repositories({}, {}).is_proved_empty;
  };

  EXPECT_TRUE(is_proved_empty({{"X-OAuth-Scopes", "gist, repo"}}));
  EXPECT_FALSE(is_proved_empty({{"X-OAuth-Scopes", "gist, public_repo"}}));
  EXPECT_FALSE(
      is_proved_empty({{"X-OAuth-Scopes", "repo"}, {"X-GitHub-SSO", "partial-results; organizations=1"}}));
  EXPECT_FALSE(is_proved_empty({})) << "a fine-grained token may just have been given nothing";
  EXPECT_FALSE(is_proved_empty({{"X-OAuth-Scopes", "repo"}}, list({repository(1, "octocat/a", 7)})));
}

TEST_F(RestGitHubTest, FindsPrivateRepositoriesOfTheTokensOwnUser) {
  http_.answer(kOwn, 200,
               list({repository(1, "Octocat/a", 7, R"(,"private":true)"), repository(2, "acme/b", 9)}));
  RepositorySelection selection;
  selection.users = {"OCTOCAT"};

  const RepositoryList result = run(selection);

  EXPECT_THAT(names(result), ElementsAre("Octocat/a"));
  EXPECT_TRUE(result.repositories.front().is_private);
  EXPECT_THAT(result.owners, Optional(ElementsAre("octocat")));
}

TEST_F(RestGitHubTest, AsksOnceWhoTheTokenIs) {
  http_.answer(kOwn, 200, "[]");
  http_.answer(kApi + "/users/hubot/repos?per_page=100&type=owner" + kInOrder, 200,
               list({repository(5, "hubot/e", 8)}));
  RepositorySelection selection;
  selection.users = {"hubot", "octocat"};

  EXPECT_THAT(names(run(selection)), ElementsAre("hubot/e"));

  EXPECT_EQ(github_->request_count(), 4U);  // the empty list twice
}

TEST_F(RestGitHubTest, TakesATokenThatIsNoUsers) {
  ScriptedHttp http;
  http.answer(kMe, 403, R"({"message":"Resource not accessible by integration"})");
  http.answer(kApi + "/users/hubot/repos?per_page=100&type=owner" + kInOrder, 200,
              list({repository(5, "hubot/e", 8)}));
  RepositorySelection selection;
  selection.users = {"hubot", "HUBOT"};
  const auto github = make_rest_github(http, clock_,
                                       {.api_url = Url::parse(kApi),
                                        .token = fixed_token(Secret("ghs_x", "T")),
                                        .observer = {},
                                        .retries = {}});

  const RepositoryList result = github->list_repositories(selection, {});

  EXPECT_THAT(names(result), ElementsAre("hubot/e"));
  EXPECT_THAT(result.problems, SizeIs(1));  // /users/HUBOT is not in the script
  EXPECT_EQ(github->request_count(), 5U);   // 403 and 404 twice
}

TEST_F(RestGitHubTest, ListsPublicRepositoriesWithoutAToken) {
  http_.answer(kApi + "/users/octocat/repos?per_page=100&type=owner" + kInOrder, 200,
               list({repository(1, "octocat/a", 7)}));
  http_.answer(kAcme, 200, list({repository(2, "acme/b", 9)}));
  RepositorySelection selection;
  selection.users = {"octocat"};
  selection.organizations = {"acme"};

  const RepositoryList result = run(selection, {});

  EXPECT_THAT(names(result), ElementsAre("octocat/a", "acme/b"));
  EXPECT_THAT(result.owners, Optional(ElementsAre("octocat", "acme")));
  for (const auto& request : http_.requests) EXPECT_THAT(request.secret_headers, IsEmpty());
}

TEST_F(RestGitHubTest, ReportsMissingNamesAndGoesOn) {
  http_.answer(kAcme, 200, list({repository(2, "acme/b", 9)}));
  RepositorySelection selection;
  selection.users = {"nobody"};
  selection.organizations = {"nowhere", "acme"};
  selection.names = {"acme/missing", "not-a-name", "../user"};

  const RepositoryList result = run(selection);

  EXPECT_THAT(names(result), ElementsAre("acme/b"));
  ASSERT_THAT(result.problems, SizeIs(5));
  EXPECT_EQ(result.problems[0].name, "--user nobody");
  EXPECT_EQ(result.problems[1].name, "--org nowhere");
  EXPECT_EQ(result.problems[2].name, "acme/missing");
  EXPECT_EQ(result.problems[2].error.kind(), ErrorKind::not_found);
  EXPECT_THAT(result.problems[2].error.message(),
              HasSubstr("it does not exist, or the token from TOKEN_GITHUB cannot see it"));
  EXPECT_THAT(result.problems[3].error.message(), HasSubstr("OWNER/NAME"));
  EXPECT_EQ(result.problems[4].name, "../user");
  EXPECT_THAT(result.owners, Optional(ElementsAre("nobody", "nowhere", "acme")));
}

TEST_F(RestGitHubTest, SaysThatThereIsNoToken) {
  RepositorySelection selection;
  selection.names = {"acme/missing"};

  const RepositoryList result = run(selection, {});

  ASSERT_THAT(result.problems, SizeIs(1));
  EXPECT_THAT(result.problems.front().error.message(), HasSubstr("a request without a token cannot see it"));
}

TEST_F(RestGitHubTest, TellsUsersFromOrganisations) {
  http_.answer(kApi + "/users/hubot", 200, R"({"login":"hubot","type":"User"})");
  RepositorySelection selection;
  selection.organizations = {"hubot"};

  const RepositoryList result = run(selection);

  ASSERT_THAT(result.problems, SizeIs(1));
  EXPECT_THAT(result.problems.front().error.message(), HasSubstr("use --user hubot"));
}

TEST_F(RestGitHubTest, ReportsWhatIsForbiddenAndGoesOn) {
  http_.answer(kApi + "/repos/acme/dmca", 451, R"({"message":"Repository access blocked"})");
  http_.answer(kApi + "/repos/acme/tos", 403, R"({"message":"Blocked","block":{"html_url":"https://x"}})");
  http_.answer(kApi + "/repos/acme/b", 200, repository(2, "acme/b", 9));
  RepositorySelection selection;
  selection.names = {"acme/dmca", "acme/tos", "acme/b"};

  const RepositoryList result = run(selection);

  EXPECT_THAT(names(result), ElementsAre("acme/b"));
  ASSERT_THAT(result.problems, SizeIs(2));
  EXPECT_THAT(result.problems[0].error.message(), HasSubstr("legal"));
  EXPECT_THAT(result.problems[1].error.message(), HasSubstr("https://x"));
}

TEST_F(RestGitHubTest, NamesWhatItCannotReadOfAListAndGoesOn) {
  http_.answer(kMine, 200,
               list({repository(1, "acme/a", 9), R"({"id":2,"full_name":"acme/b","owner":null})", "null",
                     repository(3, "acme/c", 9)}));

  const RepositoryList result = run({});

  EXPECT_THAT(names(result), ElementsAre("acme/a", "acme/c"));
  ASSERT_THAT(result.problems, SizeIs(2));
  EXPECT_EQ(result.problems.front().error.kind(), ErrorKind::corrupt);
  EXPECT_THAT(result.problems.front().error.message(), HasSubstr("acme/b"));
  EXPECT_FALSE(result.is_whole);
}

TEST_F(RestGitHubTest, NamesWhatItCannotReadOfWhatWasNamedAndGoesOn) {
  http_.answer(kApi + "/repos/acme/a", 200, repository(1, "acme/a", 9));
  http_.answer(kApi + "/repos/acme/b", 200, R"({"id":2,"full_name":"acme/b","owner":null})");
  RepositorySelection selection;
  selection.names = {"acme/b", "acme/a"};

  const RepositoryList result = run(selection);

  EXPECT_THAT(names(result), ElementsAre("acme/a"));
  ASSERT_THAT(result.problems, SizeIs(1));
  EXPECT_EQ(result.problems.front().name, "acme/b");
}

TEST_F(RestGitHubTest, TakesNoRepositoryThatIsNotWhole) {
  http_.answer(kMine, 200, R"([{"id":1,"name":"a","full_name":"octocat/a","owner":{"login":"octocat"}}])");

  const RepositoryList result = run({});

  EXPECT_THAT(result.repositories, SizeIs(0));
  ASSERT_THAT(result.problems, SizeIs(1));
  EXPECT_EQ(result.problems.front().error.kind(), ErrorKind::corrupt);
  EXPECT_THAT(result.problems.front().error.message(), AllOf(HasSubstr("octocat/a"), HasSubstr("clone_url")));
}

TEST_F(RestGitHubTest, StopsWhenEveryNameWouldFail) {
  http_.answer(kAcme, 200, "[]");
  http_.answer(kApi + "/repos/acme/a", 401, R"({"message":"Bad credentials"})");
  http_.answer(kApi + "/repos/acme/b", 429, "", {{"Retry-After", "86400"}});
  RepositorySelection selection;
  selection.names = {"acme/a", "acme/c"};

  EXPECT_EQ(error_of(selection).kind(), ErrorKind::unauthorized);
  selection.names = {"acme/b", "acme/c"};
  EXPECT_EQ(error_of(selection).kind(), ErrorKind::rate_limited);
}

TEST_F(RestGitHubTest, TakesEveryRepositoryOnce) {
  http_.answer(kAcme, 200, list({repository(2, "acme/b", 9)}));
  http_.answer(kApi + "/repos/ACME/B", 200, repository(2, "acme/b", 9));
  RepositorySelection selection;
  selection.organizations = {"acme", "acme"};
  selection.names = {"ACME/B"};

  const RepositoryList result = run(selection);

  EXPECT_THAT(names(result), ElementsAre("acme/b"));
  EXPECT_EQ(result.seen, 1U);
  EXPECT_THAT(result.owners, Optional(ElementsAre("acme", "acme")));
}

TEST_F(RestGitHubTest, FiltersButRemembersWhatItSaw) {
  http_.answer(kMine, 200,
               list({repository(1, "acme/a", 9, R"(,"fork":true)"), repository(2, "acme/b", 9),
                     repository(3, "acme/old-c", 9), repository(4, "acme/d", 9, R"(,"archived":true)"),
                     repository(5, "other/e", 8)}));
  RepositorySelection selection;
  selection.include = {"acme/*"};
  selection.exclude = {"*/old-*"};
  selection.skip_forks = true;
  selection.skip_archived = true;

  const RepositoryList result = run(selection);

  EXPECT_THAT(names(result), ElementsAre("acme/b"));
  EXPECT_EQ(result.seen, 5U);
  EXPECT_THAT(result.seen_ids, ElementsAre(1, 2, 3, 4, 5));
}

TEST_F(RestGitHubTest, SaysWhatSingleSignOnHides) {
  http_.answer(kMine, 200, list({repository(1, "octocat/a", 7)}),
               {{"X-GitHub-SSO", "partial-results; organizations=21955855,20582480"}});

  const RepositoryList result = run({});

  EXPECT_THAT(names(result), ElementsAre("octocat/a"));
  ASSERT_THAT(result.problems, SizeIs(1));
  EXPECT_THAT(result.problems.front().error.message(), HasSubstr("21955855,20582480"));
}

class ManyPages : public RestGitHubTest {
 protected:
  // Pages of a hundred, with the links that GitHub sends.
  void pages(int count) {
    for (int page = 1; page <= count; ++page) http_.answer(url(page), 200, body(page), links(page, count));
  }
  static std::string url(int page) { return page == 1 ? kMine : fmt::format("{}&page={}", kMine, page); }
  static std::string body(int page) {
    std::vector<std::string> items;
    for (int id = page * 100; id < page * 100 + 100; ++id)
      items.push_back(repository(id, fmt::format("acme/r{}", id), 9));
    return list(items);
  }
  static Headers links(int page, int count) {
    if (count == 1) return {};
    std::string text = fmt::format("<{}>; rel=\"last\"", url(count));
    if (page < count) text += fmt::format(", <{}>; rel=\"next\"", url(page + 1));
    return {{"Link", text}};
  }
};

TEST_F(ManyPages, OfAThousandRepositoriesCostTwoRequestsMoreThanTheyAre) {
  pages(10);

  const RepositoryList result = run({});

  EXPECT_EQ(result.seen, 1000U);
  EXPECT_TRUE(result.is_whole);
  EXPECT_EQ(github_->request_count(), 12U);
}

TEST_F(ManyPages, OneThatFailsIsAProblemAndTheOthersAreKept) {
  for (const int page : {1, 2, 4}) http_.answer(url(page), 200, body(page), links(page, 4));
  http_.answer(url(3), 403, R"({"message":"Forbidden"})");

  const RepositoryList result = run({});

  EXPECT_EQ(result.repositories.size(), 300U);
  EXPECT_FALSE(result.is_whole);
  ASSERT_THAT(result.problems, SizeIs(1));
  EXPECT_EQ(result.problems.front().name, "the list of repositories, page 3");
  EXPECT_EQ(result.problems.front().error.kind(), ErrorKind::forbidden);
  EXPECT_THAT(result.problems.front().error.message(),
              HasSubstr("repositories may be missing from this run"));
}

TEST_F(RestGitHubTest, AListThatFailsLeavesTheOthersWhole) {
  http_.answer(kAcme, 200, list({repository(2, "acme/b", 9)}));
  http_.answer(kApi + "/orgs/corp/repos?per_page=100&type=all" + kInOrder, 503, "");
  RepositorySelection selection;
  selection.organizations = {"corp", "acme"};

  const RepositoryList result = run(selection);

  EXPECT_THAT(names(result), ElementsAre("acme/b"));
  EXPECT_THAT(result.owners, Optional(ElementsAre("corp", "acme"))) << "what is known of corp is asked for";
  EXPECT_FALSE(result.is_whole);
  ASSERT_THAT(result.problems, SizeIs(1));
  EXPECT_EQ(result.problems.front().name, "--org corp");
  EXPECT_EQ(result.problems.front().error.kind(), ErrorKind::transient);
}

TEST_F(RestGitHubTest, ARefusedTokenIsTheProblemOfAllThatWasNotAskedForYet) {
  http_.answer(kAcme, 200, list({repository(2, "acme/b", 9)}));
  http_.answer(kApi + "/repos/acme/c", 401, R"({"message":"Bad credentials"})");
  RepositorySelection selection;
  selection.organizations = {"acme"};
  selection.names = {"acme/c", "acme/d", "acme/e"};

  const RepositoryList result = run(selection);

  EXPECT_THAT(names(result), ElementsAre("acme/b"));
  ASSERT_THAT(result.problems, SizeIs(3));
  EXPECT_EQ(result.problems.back().name, "acme/e");
  EXPECT_EQ(result.problems.back().error.kind(), ErrorKind::unauthorized);
  EXPECT_THAT(http_.urls(), Not(testing::Contains(HasSubstr("acme/d"))));
}

TEST_F(RestGitHubTest, TakesNoRepositoryThatIsCalledByTwoNames) {
  http_.answer(kMine, 200,
               list({repository(1, "acme/a", 9),
                     R"({"id":2,"name":"b","full_name":"acme/c","owner":{"login":"acme","id":9},)"
                     R"("clone_url":"https://github.com/acme/b.git"})"}));

  const RepositoryList result = run({});

  EXPECT_THAT(names(result), ElementsAre("acme/a"));
  ASSERT_THAT(result.problems, SizeIs(1));
  EXPECT_EQ(result.problems.front().name, "acme/c");
  EXPECT_THAT(result.problems.front().error.message(), HasSubstr("both acme/c and acme/b"));
  EXPECT_FALSE(result.is_whole);
}

TEST_F(RestGitHubTest, RefusesTheNameOfAnotherRepository) {
  http_.answer(kMine, 200, list({repository(7, "acme/site", 9)}));
  http_.answer(kApi + "/repositories/7", 200, repository(8, "acme/other", 9));
  run({});

  try {
    github_->full_name_of(7, {});
    ADD_FAILURE();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::corrupt);
  }
}

TEST_F(RestGitHubTest, HintsAtTheApiUrlWhenTheTokensOwnPathsAreMissing) {
  const Error error = error_of({});  // no script for kMine: 404

  EXPECT_EQ(error.kind(), ErrorKind::invalid);
  EXPECT_THAT(error.message(), AllOf(HasSubstr("--api-url"), HasSubstr("/api/v3")));
}

TEST_F(RestGitHubTest, SaysWhatARepositoryIsCalledNow) {
  http_.answer(kMine, 200, list({repository(7, "acme/site", 9)}));
  http_.answer(kApi + "/repositories/7", 200, repository(7, "acme/moved", 9));
  run({});

  EXPECT_EQ(github_->full_name_of(7, {}), "acme/moved");
  EXPECT_EQ(github_->full_name_of(8, {}), std::nullopt);
}

TEST_F(RestGitHubTest, ZipsARepositoryWhateverItIsCalledByNow) {
  http_.answer(kMine, 200, list({repository(7, "acme/site", 9)}));
  http_.answer(kApi + "/repositories/7/zipball/c0ffee", 200, "a zip");
  run({});

  StringSink zip;
  github_->download_zip(7, "c0ffee", zip, {});

  EXPECT_EQ(zip.take(), "a zip");
}

TEST_F(RestGitHubTest, GivesUpOnAServerThatStaysBroken) {
  http_.answer(kMine, 503, "");

  EXPECT_EQ(error_of({}).kind(), ErrorKind::transient);
  EXPECT_EQ(github_->request_count(), 3U);
}

TEST_F(RestGitHubTest, NamesItsHostForTheVault) {
  const auto host_of = [&](const std::string& api) {
    return make_rest_github(
               http_, clock_,
               {.api_url = Url::parse(api), .token = fixed_token({}), .observer = {}, .retries = {}})
        ->host();
  };

  EXPECT_EQ(host_of("https://API.github.com"), "github.com");
  EXPECT_EQ(host_of("https://ghe.example.com:8443/api/v3"), "ghe.example.com:8443");
}

// A token of an App that is installed on acme.
class AppToken final : public TokenSource {
 public:
  TokenKind kind() const override { return TokenKind::installation; }
  bool has_token() const override { return true; }
  std::string origin() const override { return "GitHub App 12"; }
  Secret token(const std::stop_token&) override { return {"ghs_hunter2", origin()}; }
  bool replaces(const Secret&) override { return false; }
  std::optional<User> installation_account(const std::stop_token&) override { return User{9, "acme"}; }
  std::uint64_t request_count() const override { return 0; }
};

class RestGitHubAppTest : public RestGitHubTest {
 protected:
  RestGitHubAppTest() {
    http_.answer(kReached, 200,
                 R"({"total_count":2,"repositories":)" + list({repository(1, "acme/a", 9)}) + "}",
                 {{"Link", "<" + kApi + "/installation/repositories?page=2>; rel=\"next\""}});
    http_.answer(kApi + "/installation/repositories?page=2", 200,
                 R"({"total_count":2,"repositories":)" + list({repository(2, "other/b", 8)}) + "}");
  }

  RepositoryList run_as_app(const RepositorySelection& selection) {
    github_ =
        make_rest_github(http_, clock_, {.api_url = Url::parse(kApi), .token = std::make_shared<AppToken>()});
    return github_->list_repositories(selection, {});
  }

  const std::string kReached = kApi + "/installation/repositories?per_page=100";
};

TEST_F(RestGitHubAppTest, ListsWhatTheInstallationReachesPageByPage) {
  const RepositoryList result = run_as_app({});

  EXPECT_THAT(names(result), ElementsAre("acme/a", "other/b"));
  EXPECT_THAT(result.owners, Optional(ElementsAre("acme")));
  EXPECT_FALSE(result.public_only);
}

TEST_F(RestGitHubAppTest, ListsTheSameWhereTheAccountIsNamed) {
  EXPECT_THAT(names(run_as_app({.users = {"Acme"}})), ElementsAre("acme/a", "other/b"));
  EXPECT_THAT(names(run_as_app({.organizations = {"acme"}})), ElementsAre("acme/a", "other/b"));
  EXPECT_THAT(http_.urls(), Each(HasSubstr("/installation/repositories")));
}

TEST_F(RestGitHubAppTest, OnlyOwnerMeansTheAccountOfTheInstallation) {
  EXPECT_THAT(names(run_as_app({.only_owner = true})), ElementsAre("acme/a"));
  EXPECT_THAT(http_.urls(), Not(testing::Contains(kMe)));
}

}  // namespace
}  // namespace hubkeep
