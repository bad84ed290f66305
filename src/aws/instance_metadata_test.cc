#include "aws/instance_metadata.h"

#include "aws/aws_fixture.h"

namespace hubkeep {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;
using ::testing::SizeIs;

constexpr auto kToken = "http://169.254.169.254/latest/api/token";
constexpr auto kRoles = "http://169.254.169.254/latest/meta-data/iam/security-credentials/";
constexpr auto kRole = "http://169.254.169.254/latest/meta-data/iam/security-credentials/backup";

struct InstanceMetadataTest : AwsFixture {
  SourceResult ask() { return instance_credentials(context, {}); }
  Credentials credentials() { return std::get<Credentials>(ask()); }
  std::string reason() { return std::get<NotConfigured>(ask()).reason; }

  void has_role(const std::string& json) {
    link_local.answer(kToken, 200, "TOKEN");
    link_local.answer(kRoles, 200, "backup\n");
    link_local.answer(kRole, 200, json);
  }
};

TEST_F(InstanceMetadataTest, AsksForATokenTheRoleAndItsCredentials) {
  has_role(
      R"({"Code":"Success","AccessKeyId":"ID","SecretAccessKey":"S","Token":"T","Expiration":"2001-09-09T08:00:00Z"})");

  const auto result = credentials();

  EXPECT_EQ(result.access_key_id, "ID");
  EXPECT_EQ(result.expires_at, parse_time("2001-09-09T08:00:00Z"));
  EXPECT_THAT(link_local.urls(), ElementsAre(kToken, kRoles, kRole));
  EXPECT_EQ(link_local.requests[0].method, "PUT");
  EXPECT_THAT(link_local.requests[0].headers,
              Contains(Pair("X-aws-ec2-metadata-token-ttl-seconds", "21600")));
  EXPECT_THAT(link_local.requests[2].secret_headers, Contains(Pair("X-aws-ec2-metadata-token", "TOKEN")));
}

TEST_F(InstanceMetadataTest, AsksNobodyWhenSwitchedOff) {
  set("AWS_EC2_METADATA_DISABLED", "True");

  EXPECT_THAT(reason(), HasSubstr("AWS_EC2_METADATA_DISABLED"));
  EXPECT_TRUE(link_local.requests.empty());
}

TEST_F(InstanceMetadataTest, IsNotThereWhenNobodyAnswers) {
  link_local.fail(kToken, Error(ErrorKind::transient, "timed out"));

  EXPECT_THAT(reason(), HasSubstr("timed out"));
  EXPECT_THAT(reason(), HasSubstr("hop limit"));
}

TEST_F(InstanceMetadataTest, IsNotThereWhenSomebodyElseAnswers) {
  EXPECT_THAT(reason(), HasSubstr("HTTP 404"));
}

TEST_F(InstanceMetadataTest, IsNotThereWithoutARole) {
  link_local.answer(kToken, 200, "TOKEN");

  EXPECT_EQ(reason(), "this EC2 instance has no role");
}

TEST_F(InstanceMetadataTest, SaysWhyARoleGivesNothing) {
  has_role(R"({"Code":"AssumeRoleUnauthorizedAccess","Message":"EC2 cannot assume the role"})");

  const auto error = error_of([&] { ask(); });

  EXPECT_EQ(error.kind(), ErrorKind::unauthorized);
  EXPECT_THAT(error.message(), HasSubstr("EC2 cannot assume the role"));
}

TEST_F(InstanceMetadataTest, FailsWhenTheServiceFailsAfterItsToken) {
  link_local.answer(kToken, 200, "TOKEN");
  link_local.answer(kRoles, 500, "");

  EXPECT_EQ(error_of([&] { ask(); }).kind(), ErrorKind::transient);
}

TEST_F(InstanceMetadataTest, TriesAgainWhereTheServiceHasGivenAToken) {
  link_local.fail(kRole, Error(ErrorKind::transient, "cut"));
  link_local.answer(kRole, 503, "");
  has_role(R"({"AccessKeyId":"ID","SecretAccessKey":"S","Token":"T","Expiration":"2001-09-09T08:00:00Z"})");

  EXPECT_EQ(credentials().access_key_id, "ID");
}

// Where nobody answers at the usual address, this is no instance: that must not be waited for.
TEST_F(InstanceMetadataTest, LooksForTheServiceOnceAtAnAddressAndAgainByAName) {
  for (const char* address : {"http://169.254.169.254", "http://[fd00:ec2::254]", "http://10.0.0.1:1338"}) {
    link_local.requests.clear();
    link_local.fail(std::string(address) + "/latest/api/token", Error(ErrorKind::transient, "timed out"));
    set("AWS_EC2_METADATA_SERVICE_ENDPOINT", address);

    EXPECT_THAT(reason(), HasSubstr("timed out"));
    EXPECT_THAT(link_local.requests, SizeIs(1)) << address;
  }
  set("AWS_EC2_METADATA_SERVICE_ENDPOINT", "http://imds.test");
  link_local.requests.clear();
  link_local.fail("http://imds.test/latest/api/token", Error(ErrorKind::transient, "cannot be resolved"));
  link_local.answer("http://imds.test/latest/api/token", 200, "TOKEN");

  EXPECT_EQ(reason(), "this EC2 instance has no role");
  EXPECT_THAT(link_local.requests, SizeIs(3));
}

TEST_F(InstanceMetadataTest, GoesOnWithOldCredentialsInAnOutage) {
  has_role(R"({"AccessKeyId":"ID","SecretAccessKey":"S","Token":"T","Expiration":"2001-09-09T01:00:00Z"})");

  EXPECT_EQ(credentials().expires_at, clock.time + std::chrono::minutes(15));
}

TEST_F(InstanceMetadataTest, AsksWhereTheEnvironmentSays) {
  set("AWS_EC2_METADATA_SERVICE_ENDPOINT", "http://127.0.0.1:1338/mock/");

  reason();

  EXPECT_THAT(link_local.urls(), ElementsAre("http://127.0.0.1:1338/mock/latest/api/token"));
}

TEST_F(InstanceMetadataTest, AsksOverIpv6WhenTold) {
  set("AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE", "IPv6");

  reason();

  EXPECT_THAT(link_local.urls(), ElementsAre("http://[fd00:ec2::254]/latest/api/token"));
}

TEST_F(InstanceMetadataTest, StopsOnRequest) {
  std::stop_source stop;
  stop.request_stop();

  EXPECT_EQ(error_of([&] { instance_credentials(context, stop.get_token()); }).kind(), ErrorKind::cancelled);
}

}  // namespace
}  // namespace hubkeep
