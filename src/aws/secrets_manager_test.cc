#include "aws/secrets_manager.h"

#include "aws/aws_fixture.h"

namespace hubkeep {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::Pair;

constexpr auto kUrl = "https://secretsmanager.eu-west-1.amazonaws.com/";
constexpr auto kArn = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:prod/github-backup-a1b2c3";

struct SecretsManager : AwsFixture {
  SecretsManager() {
    set("AWS_ACCESS_KEY_ID", "ID");
    set("AWS_SECRET_ACCESS_KEY", "KEY");
    set("AWS_SESSION_TOKEN", "SESSION");
  }
};

TEST_F(SecretsManager, AsksInTheRegionOfTheArn) {
  set("AWS_REGION", "us-east-1");
  http.answer(kUrl, 200, R"({"ARN":"x","Name":"n","SecretString":"{\"TOKEN_GITHUB\":\"ghp_x\"}"})");

  const Secret secret = get_secret_value(context, kArn, {});

  EXPECT_EQ(secret.reveal(), R"({"TOKEN_GITHUB":"ghp_x"})");
  const HttpRequest& request = http.requests.front();
  EXPECT_EQ(request.method, "POST");
  EXPECT_EQ(request.body, std::string(R"({"SecretId":")") + kArn + "\"}");
  EXPECT_THAT(request.headers, Contains(Pair("X-Amz-Target", "secretsmanager.GetSecretValue")));
  EXPECT_THAT(request.secret_headers,
              Contains(Pair("Authorization", HasSubstr("/eu-west-1/secretsmanager/aws4_request"))));
}

TEST_F(SecretsManager, AsksInTheConfiguredRegionForAName) {
  set("AWS_REGION", "eu-west-1");
  http.answer(kUrl, 200, R"({"SecretString":"x"})");

  EXPECT_EQ(get_secret_value(context, "prod/github-backup", {}).reveal(), "x");
}

TEST_F(SecretsManager, UsesTheConfiguredEndpoint) {
  set("AWS_ENDPOINT_URL_SECRETS_MANAGER", "http://127.0.0.1:5000");
  http.answer("http://127.0.0.1:5000/", 200, R"({"SecretString":"x"})");

  EXPECT_EQ(get_secret_value(context, kArn, {}).reveal(), "x");
}

TEST_F(SecretsManager, SaysWhyItHasNothing) {
  // As moto has it; AWS says 400.
  http.answer(kUrl, 404, R"({"__type":"ResourceNotFoundException","message":"no such secret"})");
  http.answer(kUrl, 400, R"({"__type":"AccessDeniedException","Message":"not authorized to perform"})");
  http.answer(kUrl, 200, R"({"SecretBinary":"c2VjcmV0"})");
  const auto refused = [&] { return error_of([&] { get_secret_value(context, kArn, {}); }); };

  const Error missing = refused();
  const Error denied = refused();
  const Error binary = refused();

  EXPECT_EQ(missing.kind(), ErrorKind::not_found);
  EXPECT_THAT(missing.message(),
              AllOf(HasSubstr("the secret arn:aws:secretsmanager"), HasSubstr("no such secret")));
  EXPECT_EQ(denied.kind(), ErrorKind::forbidden);
  EXPECT_THAT(denied.message(), HasSubstr("not authorized to perform"));
  EXPECT_EQ(binary.kind(), ErrorKind::invalid);
  EXPECT_THAT(binary.message(), AllOf(HasSubstr("holds no text"), Not(HasSubstr("c2VjcmV0"))));
}

TEST_F(SecretsManager, NeedsARegion) {
  const Error error = error_of([&] { get_secret_value(context, "prod/github-backup", {}); });

  EXPECT_EQ(error.kind(), ErrorKind::invalid);
  EXPECT_THAT(error.message(), HasSubstr("set AWS_REGION"));
}

TEST_F(SecretsManager, NeedsCredentials) {
  context.environment.variables.erase("AWS_ACCESS_KEY_ID");
  context.environment.variables.erase("AWS_SECRET_ACCESS_KEY");
  set("AWS_EC2_METADATA_DISABLED", "true");

  EXPECT_EQ(error_of([&] { get_secret_value(context, kArn, {}); }).kind(), ErrorKind::unauthorized);
}

}  // namespace
}  // namespace hubkeep
