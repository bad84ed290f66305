#include "github/installation.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "http/scripted_http.h"

namespace hubkeep {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

const std::string kApi = "https://api.github.com";
const std::string kAll = kApi + "/app/installations?per_page=100";

class InstallationTest : public testing::Test {
 protected:
  static std::string installation(int id, const std::string& login, bool suspended = false) {
    return fmt::format(R"({{"id":{},"account":{{"id":{},"login":"{}"}},"suspended_at":{}}})", id, id + 1000,
                       login, suspended ? R"("2026-01-02T03:04:05Z")" : "null");
  }
  void know_app() { http_.answer(kApi + "/app", 200, R"({"html_url":"https://github.com/apps/keeper"})"); }

  Installation find(const RepositorySelection& selection) {
    RestClient client(http_, clock_,
                      {.api_url = Url::parse(kApi), .token = fixed_token(Secret("jwt", "GitHub App 12"))});
    return find_installation(client, selection, {});
  }
  std::string refusal(const RepositorySelection& selection, ErrorKind kind = ErrorKind::invalid) {
    try {
      find(selection);
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), kind);
      return error.message();
    }
    ADD_FAILURE() << "no error";
    return "";
  }

  ScriptedHttp http_;
  ManualClock clock_;
};

TEST_F(InstallationTest, IsTheOnlyOneWhereNothingIsNamed) {
  http_.answer(kAll, 200, "[" + installation(5, "acme") + "]");

  const Installation found = find({});

  EXPECT_EQ(found.id, 5);
  EXPECT_EQ(found.account.login, "acme");
  EXPECT_EQ(found.account.id, 1005);
}

TEST_F(InstallationTest, OfSeveralIsTheOneThatIsNotSuspendedOrTheUserIsAsked) {
  http_.answer(kAll, 200, "[" + installation(5, "old", true) + "," + installation(6, "acme") + "]");
  http_.answer(kAll, 200,
               "[" + installation(5, "old", true) + "," + installation(6, "acme") + "," +
                   installation(7, "octo") + "]");

  EXPECT_EQ(find({}).id, 6);
  EXPECT_THAT(refusal({}),
              AllOf(HasSubstr("acme, octo"), HasSubstr("--org or --user"), Not(HasSubstr("old"))));
}

// GitHub: an App may also be installed on an enterprise, whose description has a slug in place of a login.
TEST_F(InstallationTest, OfAnEnterpriseHasNoRepositories) {
  const std::string enterprise =
      R"({"id":4,"target_type":"Enterprise","account":{"id":1004,"slug":"acme-inc"},"suspended_at":null})";
  http_.answer(kAll, 200, "[" + enterprise + "," + installation(5, "acme") + "]");

  EXPECT_EQ(find({}).id, 5);
}

TEST_F(InstallationTest, ThatIsNowhereIsSaidWithWhereToGo) {
  http_.answer(kAll, 200, "[]");
  know_app();

  EXPECT_THAT(refusal({}), AllOf(HasSubstr("GitHub App 12 is not installed anywhere"),
                                 HasSubstr("install it at https://github.com/apps/keeper")));
  EXPECT_THAT(refusal({.organizations = {"acme"}}), HasSubstr("not installed on acme"));
}

TEST_F(InstallationTest, OfAnAppThatDoesNotExistIsAnAnswerOfItsOwn) {
  EXPECT_THAT(refusal({}), AllOf(HasSubstr("does not know GitHub App 12"), HasSubstr("--app-id")));
  EXPECT_THAT(refusal({.users = {"octo"}}), HasSubstr("does not know GitHub App 12"));
}

TEST_F(InstallationTest, ThatIsSuspendedIsRefused) {
  http_.answer(kAll, 200, "[" + installation(5, "acme", true) + "]");
  http_.answer(kApi + "/orgs/acme/installation", 200, installation(5, "acme", true));

  EXPECT_THAT(refusal({}), HasSubstr("on acme is suspended"));
  EXPECT_THAT(refusal({.organizations = {"acme"}}), HasSubstr("on acme is suspended"));
}

TEST_F(InstallationTest, IsFoundForAnAccountOfEitherKindAndForARepositorysOwner) {
  http_.answer(kApi + "/orgs/acme/installation", 200, installation(5, "acme"));

  EXPECT_EQ(find({.users = {"acme"}}).id, 5);
  EXPECT_EQ(find({.names = {"acme/site"}}).id, 5);

  EXPECT_THAT(http_.urls(),
              ElementsAre(kApi + "/users/acme/installation", kApi + "/users/acme/installation",
                          kApi + "/orgs/acme/installation", kApi + "/repos/acme/site/installation",
                          kApi + "/repos/acme/site/installation", kApi + "/orgs/acme/installation"));
}

TEST_F(InstallationTest, IsAskedForOncePerAccountAndOneForTheRun) {
  http_.answer(kApi + "/orgs/acme/installation", 200, installation(5, "acme"));
  http_.answer(kApi + "/users/octo/installation", 200, installation(6, "octo"));

  EXPECT_EQ(find({.organizations = {"acme"}, .names = {"ACME/site", "acme/tool"}}).id, 5);
  EXPECT_THAT(http_.requests, testing::SizeIs(1));
  EXPECT_THAT(refusal({.users = {"octo"}, .organizations = {"acme"}}),
              AllOf(HasSubstr("acme and octo"), HasSubstr("run hubkeep once for each")));
}

TEST_F(InstallationTest, ThatGitHubDoesNotDescribeIsRefused) {
  for (const char* text :
       {"{}", R"({"id":"x","account":{"id":1,"login":"a"}})", R"({"id":1,"account":null})"}) {
    http_.answer(kApi + "/orgs/acme/installation", 200, text);
  }

  for (int i = 0; i < 3; ++i) refusal({.organizations = {"acme"}}, ErrorKind::corrupt);
}

}  // namespace
}  // namespace hubkeep
