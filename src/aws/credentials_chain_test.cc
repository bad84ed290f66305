#include "aws/credentials_chain.h"

#include "aws/aws_fixture.h"

namespace hubkeep {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr auto kImds = "http://169.254.169.254/latest/";

std::string json_of(const std::string& id, const std::string& expiration = "2001-09-09T08:00:00Z") {
  return R"({"AccessKeyId":")" + id + R"(","SecretAccessKey":"S","Token":"T","Expiration":")" + expiration +
         "\"}";
}

struct CredentialsChainTest : AwsFixture {
  std::string found() { return find_credentials(context, {}).access_key_id; }

  void instance_gives(const std::string& json) {
    link_local.answer(std::string(kImds) + "api/token", 200, "TOKEN");
    link_local.answer(std::string(kImds) + "meta-data/iam/security-credentials/", 200, "backup");
    link_local.answer(std::string(kImds) + "meta-data/iam/security-credentials/backup", 200, json);
  }
};

TEST_F(CredentialsChainTest, AsksInAwsOrder) {
  instance_gives(json_of("INSTANCE"));
  EXPECT_EQ(found(), "INSTANCE");

  set("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/c");
  link_local.answer("http://169.254.170.2/c", 200, json_of("CONTAINER"));
  EXPECT_EQ(found(), "CONTAINER");

  write(".aws/credentials", "[default]\naws_access_key_id=PROFILE\naws_secret_access_key=S\n");
  EXPECT_EQ(found(), "PROFILE");

  set("AWS_WEB_IDENTITY_TOKEN_FILE", write("token", "TOKEN"));
  set("AWS_ROLE_ARN", "arn");
  http.answer(
      "https://sts.amazonaws.com/", 200,
      "<AssumeRoleWithWebIdentityResponse><AssumeRoleWithWebIdentityResult><Credentials>"
      "<AccessKeyId>WEB</AccessKeyId><SecretAccessKey>S</SecretAccessKey><SessionToken>T</SessionToken>"
      "<Expiration>2001-09-09T08:00:00Z</Expiration></Credentials></AssumeRoleWithWebIdentityResult>"
      "</AssumeRoleWithWebIdentityResponse>");
  EXPECT_EQ(found(), "WEB");

  set("AWS_ACCESS_KEY_ID", "ENVIRONMENT");
  set("AWS_SECRET_ACCESS_KEY", "S");
  EXPECT_EQ(found(), "ENVIRONMENT");
}

TEST_F(CredentialsChainTest, SaysOfEverySourceWhyItGaveNothing) {
  link_local.fail(std::string(kImds) + "api/token", Error(ErrorKind::transient, "timed out"));

  const auto error = error_of([&] { found(); });

  EXPECT_EQ(error.kind(), ErrorKind::unauthorized);
  for (const char* part :
       {"environment: AWS_ACCESS_KEY_ID is not set", "web identity: AWS_WEB_IDENTITY_TOKEN_FILE is not set",
        "profile: no profile 'default' in ", ".aws/config or ", ".aws/credentials",
        "container: neither AWS_CONTAINER_CREDENTIALS_RELATIVE_URI nor ", "EC2 instance: timed out"}) {
    EXPECT_THAT(error.message(), HasSubstr(part));
  }
}

TEST_F(CredentialsChainTest, EndsAtTheFirstThatIsSetUpAndFails) {
  instance_gives(json_of("INSTANCE"));
  write(".aws/config", "[default]\ncredential_process=/bin/false\n");

  const auto error = error_of([&] { found(); });

  EXPECT_EQ(error.kind(), ErrorKind::unauthorized);
  EXPECT_THAT(error.message(), HasSubstr("credential_process ended with 1"));
  EXPECT_THAT(link_local.requests, IsEmpty());
}

TEST_F(CredentialsChainTest, DoesNotTakeAnothersCredentialsForAProfileThatDoesNotExist) {
  instance_gives(json_of("INSTANCE"));
  set("AWS_PROFILE", "dve");

  EXPECT_EQ(error_of([&] { found(); }).kind(), ErrorKind::invalid);
}

TEST_F(CredentialsChainTest, GoesOnWhenTheProfileHoldsOnlyARegion) {
  instance_gives(json_of("INSTANCE"));
  write(".aws/config", "[default]\nregion=eu-west-1\n");

  EXPECT_EQ(found(), "INSTANCE");
}

TEST_F(CredentialsChainTest, NeedsNoFilesForTheEnvironmentsKeys) {
  write(".aws/config", "nonsense");
  set("AWS_ACCESS_KEY_ID", "ENVIRONMENT");
  set("AWS_SECRET_ACCESS_KEY", "S");

  EXPECT_EQ(found(), "ENVIRONMENT");
}

TEST_F(CredentialsChainTest, RenewsInALongRun) {
  set("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/c");
  link_local.answer("http://169.254.170.2/c", 200, json_of("FIRST", "2001-09-09T02:46:40Z"));
  link_local.answer("http://169.254.170.2/c", 200, json_of("SECOND", "2001-09-09T03:46:40Z"));
  const auto provider = make_credentials_provider(context);

  EXPECT_EQ(provider->get({}).access_key_id, "FIRST");
  clock.time += std::chrono::minutes(54);
  EXPECT_EQ(provider->get({}).access_key_id, "FIRST");
  clock.time += std::chrono::minutes(1);
  EXPECT_EQ(provider->get({}).access_key_id, "SECOND");
}

TEST_F(CredentialsChainTest, TakesUpKeysThatWereReplacedInTheFileAfterARefusal) {
  write(".aws/credentials", "[default]\naws_access_key_id=OLD\naws_secret_access_key=S\n");
  const auto provider = make_credentials_provider(context);
  const auto old = provider->get({});

  write(".aws/credentials", "[default]\naws_access_key_id=NEW\naws_secret_access_key=S\n");
  provider->invalidate(old);

  EXPECT_EQ(provider->get({}).access_key_id, "NEW");
}

}  // namespace
}  // namespace hubkeep
