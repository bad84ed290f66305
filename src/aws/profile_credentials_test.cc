// Profiles, roles and web identities, against a scripted STS.
#include "aws/profile_credentials.h"

#include "aws/aws_fixture.h"

namespace hubkeep {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

constexpr auto kSts = "https://sts.eu-west-1.amazonaws.com/";

std::string role_answer(const std::string& action, const std::string& id) {
  return "<" + action + "Response xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><" + action +
         "Result><AssumedRoleUser><Arn>x</Arn></AssumedRoleUser><Credentials><AccessKeyId>" + id +
         "</AccessKeyId><SecretAccessKey>secret&amp;" + id + "</SecretAccessKey><SessionToken>token+/=" + id +
         "</SessionToken><Expiration>2001-09-09T02:46:40Z</Expiration></Credentials></" + action +
         "Result></" + action + "Response>";
}

std::string refusal(const std::string& code, const std::string& message) {
  return "<ErrorResponse><Error><Type>Sender</Type><Code>" + code + "</Code><Message>" + message +
         "</Message></Error></ErrorResponse>";
}

std::string authorization_of(const HttpRequest& request) {
  for (const auto& [name, value] : request.secret_headers) {
    if (name == "Authorization") return value;
  }
  return "";
}

struct ProfileCredentialsTest : AwsFixture {
  ProfileCredentialsTest() { set("AWS_EC2_METADATA_DISABLED", "true"); }

  SourceResult ask(const std::string& profile = "default") {
    return profile_credentials(context, load_shared_config(context.environment), profile, {});
  }
  Credentials credentials(const std::string& profile = "default") {
    return std::get<Credentials>(ask(profile));
  }
  std::string refused(const std::string& config, const std::string& profile = "default") {
    write(".aws/config", config);
    const auto error = error_of([&] { ask(profile); });
    EXPECT_EQ(error.kind(), ErrorKind::invalid) << error.message();
    return error.message();
  }
};

TEST_F(ProfileCredentialsTest, GivesTheKeysOfAProfile) {
  write(".aws/credentials", "[dev]\naws_access_key_id=ID\naws_secret_access_key=a+/=\naws_session_token=T\n");

  const auto result = credentials("dev");

  EXPECT_EQ(result.access_key_id, "ID");
  EXPECT_EQ(result.secret_access_key.reveal(), "a+/=");
  EXPECT_EQ(result.session_token.reveal(), "T");
  EXPECT_EQ(result.expires_at, std::nullopt);
}

TEST_F(ProfileCredentialsTest, RefusesHalfAPair) {
  EXPECT_THAT(refused("[default]\naws_access_key_id=ID\n"),
              AllOf(HasSubstr("profile 'default'"), HasSubstr("aws_secret_access_key")));
  EXPECT_THAT(refused("[default]\naws_secret_access_key=hunter2\n"), Not(HasSubstr("hunter2")));
}

TEST_F(ProfileCredentialsTest, IsNotSetUpWithoutSuchSettings) {
  write(".aws/config", "[default]\nregion=eu-west-1\n");

  EXPECT_THAT(std::get<NotConfigured>(ask()).reason, HasSubstr("neither keys nor a role"));
}

TEST_F(ProfileCredentialsTest, AssumesARoleWithTheKeysOfAnotherProfile) {
  write(".aws/config",
        "[profile dev]\nrole_arn=arn:aws:iam::1:role/x+y\nsource_profile=base\nrole_session_name=me\n"
        "external_id=a b&c\nduration_seconds=900\nregion=eu-west-1\n");
  write(".aws/credentials", "[base]\naws_access_key_id=BASE\naws_secret_access_key=S\n");
  http.answer(kSts, 200, role_answer("AssumeRole", "ROLE"));

  const auto result = credentials("dev");

  EXPECT_EQ(result.access_key_id, "ROLE");
  EXPECT_EQ(result.secret_access_key.reveal(), "secret&ROLE");
  EXPECT_EQ(result.session_token.reveal(), "token+/=ROLE");
  EXPECT_EQ(result.expires_at, parse_time("2001-09-09T02:46:40Z"));
  ASSERT_THAT(http.requests, SizeIs(1));
  EXPECT_EQ(http.requests[0].body,
            "Action=AssumeRole&Version=2011-06-15&RoleArn=arn%3Aaws%3Aiam%3A%3A1%3Arole%2Fx%2By&"
            "RoleSessionName=me&ExternalId=a%20b%26c&DurationSeconds=900");
  EXPECT_THAT(authorization_of(http.requests[0]),
              HasSubstr("Credential=BASE/20010909/eu-west-1/sts/aws4_request"));
}

TEST_F(ProfileCredentialsTest, FollowsAChainOfRoles) {
  write(".aws/config",
        "[profile a]\nrole_arn=A\nsource_profile=b\nregion=eu-west-1\n[profile "
        "b]\nrole_arn=B\nsource_profile=c\n"
        "region=eu-west-1\n[profile c]\naws_access_key_id=C\naws_secret_access_key=S\n");
  http.answer(kSts, 200, role_answer("AssumeRole", "OF_B"));
  http.answer(kSts, 200, role_answer("AssumeRole", "OF_A"));

  EXPECT_EQ(credentials("a").access_key_id, "OF_A");

  ASSERT_THAT(http.requests, SizeIs(2));
  EXPECT_THAT(authorization_of(http.requests[0]), HasSubstr("Credential=C/"));
  EXPECT_THAT(authorization_of(http.requests[1]), HasSubstr("Credential=OF_B/"));
}

TEST_F(ProfileCredentialsTest, TakesItsOwnKeysAsTheSource) {
  write(".aws/config",
        "[default]\nrole_arn=A\nsource_profile=default\naws_access_key_id=OWN\n"
        "aws_secret_access_key=S\nregion=eu-west-1\n");
  http.answer(kSts, 200, role_answer("AssumeRole", "ROLE"));

  EXPECT_EQ(credentials().access_key_id, "ROLE");

  EXPECT_THAT(authorization_of(http.requests.at(0)), HasSubstr("Credential=OWN/"));
}

TEST_F(ProfileCredentialsTest, TakesTheEnvironmentAsTheSource) {
  write(".aws/config", "[default]\nrole_arn=A\ncredential_source=environment\n");
  set("AWS_ACCESS_KEY_ID", "ENV");
  set("AWS_SECRET_ACCESS_KEY", "S");
  http.answer("https://sts.amazonaws.com/", 200, role_answer("AssumeRole", "ROLE"));

  EXPECT_EQ(credentials().access_key_id, "ROLE");

  EXPECT_THAT(authorization_of(http.requests.at(0)), HasSubstr("Credential=ENV/20010909/us-east-1/sts"));
  EXPECT_THAT(http.requests.at(0).body, HasSubstr("RoleSessionName=hubkeep-1000000000"));
}

TEST_F(ProfileCredentialsTest, SaysWhenTheNamedSourceHasNothing) {
  write(".aws/config", "[default]\nrole_arn=A\ncredential_source=Ec2InstanceMetadata\n");

  const auto error = error_of([&] { ask(); });

  EXPECT_EQ(error.kind(), ErrorKind::unauthorized);
  EXPECT_THAT(error.message(),
              HasSubstr("credential_source = Ec2InstanceMetadata: AWS_EC2_METADATA_DISABLED"));
}

TEST_F(ProfileCredentialsTest, RefusesSettingsThatCannotWork) {
  EXPECT_THAT(refused("[default]\nrole_arn=A\n"), HasSubstr("without source_profile"));
  EXPECT_THAT(refused("[default]\nrole_arn=A\nsource_profile=b\ncredential_source=Environment\n"),
              HasSubstr("both source_profile and credential_source"));
  EXPECT_THAT(refused("[default]\nrole_arn=A\ncredential_source=Elsewhere\n"), HasSubstr("'Elsewhere'"));
  EXPECT_THAT(refused("[default]\nrole_arn=A\nsource_profile=b\nmfa_serial=M\n"), HasSubstr("aws sso login"));
  EXPECT_THAT(refused("[default]\nweb_identity_token_file=/t\n"), HasSubstr("without role_arn"));
  EXPECT_THAT(refused("[default]\nrole_arn=A\nweb_identity_token_file=/no/token\n"), HasSubstr("/no/token"));
  EXPECT_THAT(http.requests, IsEmpty());
}

TEST_F(ProfileCredentialsTest, NoticesCircles) {
  EXPECT_THAT(
      refused("[profile a]\nrole_arn=A\nsource_profile=b\n[profile b]\nrole_arn=B\nsource_profile=a\n", "a"),
      HasSubstr("a -> b -> a"));
  EXPECT_THAT(refused("[default]\nrole_arn=A\nsource_profile=default\n"), HasSubstr("default -> default"));
}

TEST_F(ProfileCredentialsTest, NamesASourceProfileThatDoesNotExist) {
  write(".aws/config", "[default]\nrole_arn=A\nsource_profile=nobody\n");

  EXPECT_THAT(error_of([&] { ask(); }).message(), HasSubstr("there is no profile 'nobody'"));
}

TEST_F(ProfileCredentialsTest, TakesARoleForTheTokenOfAFile) {
  write(".aws/config", "[default]\nrole_arn=A\nweb_identity_token_file=~/token\nregion=eu-west-1\n");
  write("token", "e30.e30.sig\n");
  http.answer(kSts, 200, role_answer("AssumeRoleWithWebIdentity", "WEB"));

  EXPECT_EQ(credentials().access_key_id, "WEB");

  EXPECT_THAT(http.requests.at(0).body, HasSubstr("&WebIdentityToken=e30.e30.sig"));
  EXPECT_EQ(authorization_of(http.requests.at(0)), "");
}

TEST_F(ProfileCredentialsTest, RunsTheProfilesProgram) {
  write(".aws/config",
        "[default]\ncredential_process=/bin/sh '" + write("a script", "echo no >&2; exit 1") + "'\n");

  EXPECT_EQ(error_of([&] { ask(); }).message(), "profile 'default': credential_process ended with 1: no");
}

TEST_F(ProfileCredentialsTest, SaysWhichRoleWasRefusedAndWhy) {
  write(".aws/config",
        "[default]\nrole_arn=arn:x\nsource_profile=default\naws_access_key_id=ID\n"
        "aws_secret_access_key=S\nregion=eu-west-1\n");
  http.answer(kSts, 403, refusal("AccessDenied", "User x is not authorized to perform: sts:AssumeRole"));

  const auto error = error_of([&] { ask(); });

  EXPECT_EQ(error.kind(), ErrorKind::forbidden);
  EXPECT_EQ(
      error.message(),
      "profile 'default': AssumeRole of arn:x at sts.eu-west-1.amazonaws.com: User x is not authorized to "
      "perform: sts:AssumeRole (AccessDenied, HTTP 403)");
  EXPECT_THAT(http.requests, SizeIs(1));
}

TEST_F(ProfileCredentialsTest, TriesAgainAndSignsAgainWhenStsIsOverloaded) {
  write(".aws/config",
        "[default]\nrole_arn=arn:x\nsource_profile=default\naws_access_key_id=ID\n"
        "aws_secret_access_key=S\nregion=eu-west-1\n");
  clock.time = *parse_time("2026-11-23T23:59:59Z");
  http.answer(kSts, 400, refusal("Throttling", "Rate exceeded"));
  http.fail(kSts, Error(ErrorKind::transient, "cut"));
  http.answer(kSts, 200, role_answer("AssumeRole", "ROLE"));

  EXPECT_EQ(credentials().access_key_id, "ROLE");

  ASSERT_THAT(http.requests, SizeIs(3));
  EXPECT_THAT(clock.slept, SizeIs(2));
}

// As often as the context says, and then nobody above asks again.
TEST_F(ProfileCredentialsTest, TellsWhatRemainsWhenStsIsNeverReached) {
  write(".aws/config",
        "[default]\nrole_arn=arn:x\nsource_profile=default\naws_access_key_id=ID\n"
        "aws_secret_access_key=S\nregion=eu-west-1\n");
  http.fail(kSts, Error(ErrorKind::transient, "cannot be resolved"));
  int told = 0;
  context.retries.max_attempts = 7;
  context.on_retry = [&](const Error&, std::chrono::milliseconds) { ++told; };

  const Error error = error_of([&] { ask(); });

  EXPECT_EQ(error.kind(), ErrorKind::transient);
  EXPECT_THAT(error.message(), HasSubstr("cannot be resolved (tried 7 times)"));
  EXPECT_TRUE(error.is_final());
  EXPECT_THAT(http.requests, SizeIs(7));
  EXPECT_EQ(told, 6);
}

TEST_F(ProfileCredentialsTest, RefusesAnAnswerWithoutCredentials) {
  write(".aws/config",
        "[default]\nrole_arn=arn:x\nsource_profile=default\naws_access_key_id=ID\n"
        "aws_secret_access_key=S\nregion=eu-west-1\n");
  const std::vector<std::string> bodies = {"", "<html/>",
                                           "<AssumeRoleResponse><AssumeRoleResult/></AssumeRoleResponse>"};
  for (const auto& body : bodies) http.answer(kSts, 200, body);

  for (const auto& body : bodies) {
    EXPECT_EQ(error_of([&] { ask(); }).kind(), ErrorKind::corrupt) << body;
  }
}

struct EnvironmentCredentialsTest : AwsFixture {};

TEST_F(EnvironmentCredentialsTest, TakesTheVariables) {
  set("AWS_ACCESS_KEY_ID", "ID");
  set("AWS_SECRET_ACCESS_KEY", "S");
  set("AWS_SESSION_TOKEN", "T");

  const auto result = std::get<Credentials>(environment_credentials(context.environment));

  EXPECT_EQ(result.access_key_id, "ID");
  EXPECT_EQ(result.secret_access_key.reveal(), "S");
  EXPECT_EQ(result.session_token.reveal(), "T");
}

TEST_F(EnvironmentCredentialsTest, RefusesHalfAPairAndIgnoresEmptyOnes) {
  set("AWS_ACCESS_KEY_ID", "");
  EXPECT_TRUE(std::holds_alternative<NotConfigured>(environment_credentials(context.environment)));

  set("AWS_SECRET_ACCESS_KEY", "S");
  EXPECT_EQ(error_of([&] { environment_credentials(context.environment); }).kind(), ErrorKind::invalid);

  context.environment.variables = {{"AWS_ACCESS_KEY_ID", "ID"}};
  EXPECT_EQ(error_of([&] { environment_credentials(context.environment); }).kind(), ErrorKind::invalid);
}

struct WebIdentityTest : AwsFixture {
  SourceResult ask() {
    return web_identity_credentials(context, load_shared_config(context.environment), {});
  }
};

TEST_F(WebIdentityTest, TakesTheRoleOfTheEnvironment) {
  set("AWS_WEB_IDENTITY_TOKEN_FILE", write("token", "TOKEN"));
  set("AWS_ROLE_ARN", "arn:role");
  set("AWS_ROLE_SESSION_NAME", "pod");
  set("AWS_REGION", "eu-west-1");
  http.answer(kSts, 200, role_answer("AssumeRoleWithWebIdentity", "WEB"));

  EXPECT_EQ(std::get<Credentials>(ask()).access_key_id, "WEB");

  EXPECT_EQ(http.requests.at(0).body,
            "Action=AssumeRoleWithWebIdentity&Version=2011-06-15&RoleArn=arn%3Arole&RoleSessionName=pod&"
            "WebIdentityToken=TOKEN");
}

TEST_F(WebIdentityTest, AsksTheConfiguredEndpoint) {
  set("AWS_WEB_IDENTITY_TOKEN_FILE", write("token", "TOKEN"));
  set("AWS_ROLE_ARN", "arn:role");
  set("AWS_ENDPOINT_URL_STS", "http://localhost:9000");
  http.answer("http://localhost:9000/", 200, role_answer("AssumeRoleWithWebIdentity", "WEB"));

  EXPECT_EQ(std::get<Credentials>(ask()).access_key_id, "WEB");
}

TEST_F(WebIdentityTest, SaysThatTheTokenIsOver) {
  set("AWS_WEB_IDENTITY_TOKEN_FILE", write("token", "hunter2"));
  set("AWS_ROLE_ARN", "arn:role");
  set("AWS_REGION", "eu-west-1");
  http.answer(kSts, 400, refusal("ExpiredTokenException", "Token expired"));

  const auto error = error_of([&] { ask(); });

  EXPECT_EQ(error.kind(), ErrorKind::unauthorized);
  EXPECT_THAT(error.message(), AllOf(HasSubstr("Token expired"), Not(HasSubstr("hunter2"))));
}

TEST_F(WebIdentityTest, NeedsARole) {
  set("AWS_WEB_IDENTITY_TOKEN_FILE", write("token", "TOKEN"));

  EXPECT_THAT(error_of([&] { ask(); }).message(), HasSubstr("AWS_ROLE_ARN"));
}

}  // namespace
}  // namespace hubkeep
