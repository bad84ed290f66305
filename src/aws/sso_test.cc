// SSO against a scripted portal; it is 2001-09-09T01:46:40Z.
#include "aws/sso.h"

#include <sys/stat.h>

#include <nlohmann/json.hpp>

#include "aws/aws_fixture.h"
#include "aws/sso_token.h"

namespace hubkeep {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;

constexpr auto kPortal =
    "https://portal.sso.eu-west-1.amazonaws.com/federation/"
    "credentials?role_name=Backup&account_id=123456789012";
constexpr auto kOidc = "https://oidc.eu-west-1.amazonaws.com/token";
constexpr auto kRole =
    R"({"roleCredentials":{"accessKeyId":"ID","secretAccessKey":"S","sessionToken":"T","expiration":1000003600000}})";
constexpr auto kRenewable =
    R"("refreshToken":"REFRESH","clientId":"CLIENT","clientSecret":"CS","registrationExpiresAt":"2001-12-01T00:00:00Z")";

struct SsoTest : AwsFixture {
  SsoTest() {
    write(".aws/config",
          "[profile old]\nsso_start_url=https://corp.awsapps.com/start\nsso_region=eu-west-1\n"
          "sso_role_name=Backup\nsso_account_id=123456789012\n"
          "[profile new]\nsso_session=corp\nsso_role_name=Backup\nsso_account_id=123456789012\n"
          "[sso-session corp]\nsso_start_url=https://corp.awsapps.com/start\nsso_region=eu-west-1\n");
  }

  // Names as the AWS command line makes them: sha1sum of the start URL, and of "corp".
  const std::string old_cache = ".aws/sso/cache/a51746d4aa793ae07b25e90c3a5db96fc7832bd7.json";
  const std::string new_cache = ".aws/sso/cache/ee0bfd2552fbd840c02cc48b6e823320543c450f.json";

  Credentials ask(const std::string& profile) {
    return sso_credentials(context, load_shared_config(context.environment), profile, {});
  }
  void cache(const std::string& file, const std::string& expires_at, const std::string& more = "") {
    write(file, R"({"startUrl":"https://corp.awsapps.com/start","accessToken":"TOKEN","expiresAt":")" +
                    expires_at + "\"" + (more.empty() ? "" : "," + more) + "}");
  }
  nlohmann::json cached(const std::string& file) {
    std::ifstream stream(home.path() / file);
    return nlohmann::json::parse(stream);
  }
};

TEST_F(SsoTest, ExchangesTheCachedToken) {
  cache(old_cache, "2001-09-09T09:00:00UTC");
  http.answer(kPortal, 200, kRole);

  const auto result = ask("old");

  EXPECT_EQ(result.access_key_id, "ID");
  EXPECT_EQ(result.secret_access_key.reveal(), "S");
  EXPECT_EQ(result.session_token.reveal(), "T");
  EXPECT_EQ(result.expires_at, clock.time + std::chrono::hours(1));
  EXPECT_THAT(http.requests.at(0).secret_headers, Contains(Pair("x-amz-sso_bearer_token", "TOKEN")));
}

TEST_F(SsoTest, FindsTheTokenOfASession) {
  cache(new_cache, "2001-09-09T09:00:00Z");
  http.answer(kPortal, 200, kRole);

  EXPECT_EQ(ask("new").access_key_id, "ID");
  EXPECT_THAT(http.urls(), ::testing::ElementsAre(kPortal));
}

TEST_F(SsoTest, SaysWhatToRunWithoutAToken) {
  const auto error = error_of([&] { ask("new"); });

  EXPECT_EQ(error.kind(), ErrorKind::unauthorized);
  EXPECT_THAT(error.message(), HasSubstr("run aws sso login --profile new"));
  EXPECT_THAT(http.requests, IsEmpty());
}

TEST_F(SsoTest, SaysWhatToRunWhenTheTokenIsOver) {
  cache(old_cache, "2001-09-09T01:46:40Z");

  const auto error = error_of([&] { ask("old"); });

  EXPECT_EQ(error.kind(), ErrorKind::unauthorized);
  EXPECT_THAT(error.message(), HasSubstr("run aws sso login --profile old"));
  EXPECT_THAT(http.requests, IsEmpty());
}

TEST_F(SsoTest, SaysWhatToRunWhenThePortalRefusesTheToken) {
  cache(old_cache, "2001-09-09T09:00:00Z");
  http.answer(kPortal, 401, R"({"message":"Session token not found or invalid"})",
              {{"x-amzn-ErrorType", "UnauthorizedException"}});

  const auto error = error_of([&] { ask("old"); });

  EXPECT_EQ(error.kind(), ErrorKind::unauthorized);
  EXPECT_THAT(error.message(), HasSubstr("run aws sso login --profile old"));
}

TEST_F(SsoTest, RenewsATokenThatIsNearlyOverAndKeepsIt) {
  cache(new_cache, "2001-09-09T01:50:00Z", kRenewable);
  http.answer(kOidc, 200,
              R"({"accessToken":"FRESH","expiresIn":3600,"refreshToken":"NEXT","tokenType":"Bearer"})");
  http.answer(kPortal, 200, kRole);

  ask("new");

  EXPECT_EQ(nlohmann::json::parse(http.requests.at(0).body),
            nlohmann::json::parse(R"({"clientId":"CLIENT","clientSecret":"CS","grantType":"refresh_token",)"
                                  R"("refreshToken":"REFRESH"})"));
  EXPECT_THAT(http.requests.at(1).secret_headers, Contains(Pair("x-amz-sso_bearer_token", "FRESH")));
  const auto kept = cached(new_cache);
  EXPECT_EQ(kept["accessToken"], "FRESH");
  EXPECT_EQ(kept["refreshToken"], "NEXT");
  EXPECT_EQ(kept["expiresAt"], "2001-09-09T02:46:40Z");
  EXPECT_EQ(kept["clientId"], "CLIENT");
  struct stat status{};
  ASSERT_EQ(::stat((home.path() / new_cache).c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600);
}

TEST_F(SsoTest, RenewsATokenThatIsOver) {
  cache(new_cache, "2001-09-08T00:00:00Z", kRenewable);
  http.answer(kOidc, 200, R"({"accessToken":"FRESH","expiresIn":3600})");
  http.answer(kPortal, 200, kRole);

  EXPECT_EQ(ask("new").access_key_id, "ID");
  EXPECT_EQ(cached(new_cache)["refreshToken"], "REFRESH");
}

TEST_F(SsoTest, GoesOnWithAValidTokenThatCannotBeRenewed) {
  cache(new_cache, "2001-09-09T01:50:00Z", kRenewable);
  http.answer(kOidc, 400, R"({"error":"invalid_grant"})", {{"x-amzn-ErrorType", "InvalidGrantException"}});
  http.answer(kPortal, 200, kRole);

  ask("new");

  EXPECT_THAT(http.requests.back().secret_headers, Contains(Pair("x-amz-sso_bearer_token", "TOKEN")));
  EXPECT_EQ(cached(new_cache)["accessToken"], "TOKEN");
}

TEST_F(SsoTest, SaysWhatToRunWhenTheRenewalIsRefused) {
  cache(new_cache, "2001-09-08T00:00:00Z", kRenewable);
  http.answer(kOidc, 400, R"({"error":"invalid_grant"})");

  EXPECT_THAT(error_of([&] { ask("new"); }).message(), HasSubstr("run aws sso login --profile new"));
}

TEST_F(SsoTest, IsTransientWhenTheRenewalDoesNotGetThrough) {
  cache(new_cache, "2001-09-08T00:00:00Z", kRenewable);
  http.fail(kOidc, Error(ErrorKind::transient, "cut"));

  EXPECT_EQ(error_of([&] { ask("new"); }).kind(), ErrorKind::transient);
}

TEST_F(SsoTest, DoesNotRenewWithARegistrationThatIsOver) {
  cache(
      new_cache, "2001-09-08T00:00:00Z",
      R"("refreshToken":"R","clientId":"C","clientSecret":"CS","registrationExpiresAt":"2001-09-01T00:00:00Z")");

  EXPECT_EQ(error_of([&] { ask("new"); }).kind(), ErrorKind::unauthorized);
  EXPECT_THAT(http.requests, IsEmpty());
}

TEST_F(SsoTest, RefusesACacheThatIsNone) {
  for (const char* text : {"", "[]", R"({"accessToken":"T"})", R"({"accessToken":"T","expiresAt":"soon"})"}) {
    write(old_cache, text);

    EXPECT_EQ(error_of([&] { ask("old"); }).kind(), ErrorKind::corrupt) << text;
  }
}

TEST_F(SsoTest, RefusesAnAnswerWithoutCredentials) {
  cache(old_cache, "2001-09-09T09:00:00Z");
  const std::vector<std::string> bodies = {"", "{}", R"({"roleCredentials":[]})",
                                           R"({"roleCredentials":{"accessKeyId":"ID"}})"};
  for (const auto& body : bodies) http.answer(kPortal, 200, body);

  for (const auto& body : bodies) {
    EXPECT_EQ(error_of([&] { ask("old"); }).kind(), ErrorKind::corrupt) << body;
  }
}

TEST_F(SsoTest, NamesTheSettingThatIsMissing) {
  write(".aws/config",
        "[profile a]\nsso_role_name=Backup\nsso_account_id=1\nsso_start_url=u\n"
        "[profile b]\nsso_role_name=Backup\nsso_account_id=1\nsso_session=none\n");

  EXPECT_THAT(error_of([&] { ask("a"); }).message(), HasSubstr("sso_region is missing"));
  EXPECT_THAT(error_of([&] { ask("b"); }).message(), HasSubstr("[sso-session none]"));
}

}  // namespace
}  // namespace hubkeep
