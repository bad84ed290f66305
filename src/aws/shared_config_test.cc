#include "aws/shared_config.h"

#include "aws/aws_fixture.h"
#include "aws/endpoint.h"
#include "aws/region.h"

namespace hubkeep {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;

struct SharedConfigTest : AwsFixture {};

TEST(MergeSharedConfig, KnowsTheProfilesOfBothFiles) {
  const auto config =
      merge_shared_config("[default]\nregion=a\n[profile dev]\nregion=b\n[other]\nregion=c\n",
                          "[dev]\naws_access_key_id=ID\nregion=d\n[ops]\naws_access_key_id=X\n");

  EXPECT_THAT(config.profiles,
              ElementsAre(Pair("default", ElementsAre(Pair("region", "a"))),
                          Pair("dev", ElementsAre(Pair("aws_access_key_id", "ID"), Pair("region", "d"))),
                          Pair("ops", ElementsAre(Pair("aws_access_key_id", "X")))));
}

TEST(MergeSharedConfig, TakesQuotedNames) {
  const auto config = merge_shared_config(
      "[profile \"my team\"]\nregion=a\n[sso-session 'corp']\nsso_region=b\n[services s]\n", "");

  EXPECT_EQ(config.profiles.count("my team"), 1U);
  EXPECT_EQ(config.sso_sessions.count("corp"), 1U);
  EXPECT_EQ(config.services.count("s"), 1U);
}

TEST(MergeSharedConfig, PrefersProfileDefaultWhereverItStands) {
  const auto config = merge_shared_config("[profile default]\nregion=a\n[default]\nregion=b\n", "");

  EXPECT_EQ(config.profiles.at("default").at("region"), "a");
}

TEST_F(SharedConfigTest, ReadsTheUsualFiles) {
  write(".aws/config", "[default]\nregion = eu-west-1\n");
  write(".aws/credentials", "[default]\naws_access_key_id = ID\n");

  const auto profile = current_profile(context.environment, load_shared_config(context.environment));

  EXPECT_THAT(profile, ElementsAre(Pair("aws_access_key_id", "ID"), Pair("region", "eu-west-1")));
}

TEST_F(SharedConfigTest, ReadsTheFilesThatTheEnvironmentNames) {
  set("AWS_CONFIG_FILE", write("elsewhere", "[profile dev]\nregion = eu-west-1\n"));
  write("keys", "[dev]\naws_access_key_id = ID\n");
  set("AWS_SHARED_CREDENTIALS_FILE", "~/keys");
  set("AWS_PROFILE", "dev");

  const auto profile = current_profile(context.environment, load_shared_config(context.environment));

  EXPECT_THAT(profile, ElementsAre(Pair("aws_access_key_id", "ID"), Pair("region", "eu-west-1")));
}

TEST_F(SharedConfigTest, NeedsNoFiles) {
  EXPECT_TRUE(current_profile(context.environment, load_shared_config(context.environment)).empty());
}

TEST_F(SharedConfigTest, NamesTheFileWithTheFault) {
  write(".aws/credentials", "[default]\nnonsense\n");

  const auto error = error_of([&] { load_shared_config(context.environment); });

  EXPECT_EQ(error.kind(), ErrorKind::invalid);
  EXPECT_THAT(error.message(), HasSubstr(".aws/credentials: line 2: "));
}

TEST_F(SharedConfigTest, RefusesAFolderInAFilesPlace) {
  std::filesystem::create_directories(home.path() / ".aws/config");

  EXPECT_EQ(error_of([&] { load_shared_config(context.environment); }).kind(), ErrorKind::forbidden);
}

TEST_F(SharedConfigTest, RefusesAProfileThatDoesNotExist) {
  set("AWS_PROFILE", "dve");

  const auto error = error_of([&] { find_region(context, {}); });

  EXPECT_EQ(error.kind(), ErrorKind::invalid);
  EXPECT_THAT(error.message(), HasSubstr("'dve'"));
}

TEST_F(SharedConfigTest, FindsTheRegionInAwsOrder) {
  write(".aws/config", "[default]\nregion = from-profile\n");
  link_local.answer("http://169.254.169.254/latest/api/token", 200, "T");
  link_local.answer("http://169.254.169.254/latest/meta-data/placement/region", 200, "from-instance");

  EXPECT_EQ(find_region(context, {}), "from-profile");
  set("AWS_DEFAULT_REGION", "from-default");
  EXPECT_EQ(find_region(context, {}), "from-default");
  set("AWS_REGION", "from-region");
  EXPECT_EQ(find_region(context, {}), "from-region");
  context.environment.variables = {};
  write(".aws/config", "");
  EXPECT_EQ(find_region(context, {}), "from-instance");
  set("AWS_EC2_METADATA_DISABLED", "true");
  EXPECT_EQ(find_region(context, {}), std::nullopt);
}

TEST_F(SharedConfigTest, FindsAnEndpointInAwsOrder) {
  const auto config = merge_shared_config(
      "[default]\nservices = local\nendpoint_url = http://profile\n[services local]\ns3 =\n  endpoint_url = "
      "http://section:1\n",
      "");
  const auto endpoint = [&](const char* service) {
    const auto url = configured_endpoint(context.environment, config, config.profiles.at("default"), service);
    return url ? url->origin() : "";
  };

  EXPECT_EQ(endpoint("s3"), "http://section:1");
  EXPECT_EQ(endpoint("sts"), "http://profile");
  set("AWS_ENDPOINT_URL", "http://all");
  EXPECT_EQ(endpoint("s3"), "http://all");
  set("AWS_ENDPOINT_URL_S3", "http://one");
  EXPECT_EQ(endpoint("s3"), "http://one");
  EXPECT_EQ(endpoint("sts"), "http://all");
  set("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "TRUE");
  EXPECT_EQ(endpoint("s3"), "");
}

TEST_F(SharedConfigTest, NamesTheVariableOfAnEndpointThatIsNoUrl) {
  set("AWS_ENDPOINT_URL_S3", "localhost:9000");

  const auto error = error_of([&] { configured_endpoint(context.environment, {}, {}, "s3"); });

  EXPECT_EQ(error.kind(), ErrorKind::invalid);
  EXPECT_THAT(error.message(), HasSubstr("AWS_ENDPOINT_URL_S3: "));
}

TEST(DomainOf, FollowsThePartition) {
  EXPECT_EQ(domain_of("eu-west-1"), "amazonaws.com");
  EXPECT_EQ(domain_of("us-gov-west-1"), "amazonaws.com");
  EXPECT_EQ(domain_of("cn-north-1"), "amazonaws.com.cn");
  EXPECT_EQ(domain_of("eusc-de-east-1"), "amazonaws.eu");
  EXPECT_THROW(domain_of("evil.example/"), Error);
  EXPECT_THROW(domain_of(""), Error);
}

}  // namespace
}  // namespace hubkeep
