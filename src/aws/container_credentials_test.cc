#include "aws/container_credentials.h"

#include "aws/aws_fixture.h"

namespace hubkeep {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;

constexpr auto kAnswer =
    R"({"AccessKeyId":"ID","SecretAccessKey":"S","Token":"T","Expiration":"2001-09-09T08:00:00Z"})";

struct ContainerCredentialsTest : AwsFixture {
  SourceResult ask() { return container_credentials(context, {}); }
  Credentials credentials() { return std::get<Credentials>(ask()); }
};

TEST_F(ContainerCredentialsTest, IsNotThereWithoutItsVariables) {
  EXPECT_THAT(std::get<NotConfigured>(ask()).reason, HasSubstr("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"));
}

TEST_F(ContainerCredentialsTest, AsksEcsWithoutAToken) {
  set("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/v2/credentials/1?id=2");
  link_local.answer("http://169.254.170.2/v2/credentials/1?id=2", 200, kAnswer);

  EXPECT_EQ(credentials().session_token.reveal(), "T");
  EXPECT_THAT(link_local.requests.at(0).secret_headers, IsEmpty());
}

TEST_F(ContainerCredentialsTest, PrefersTheRelativeAddress) {
  set("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/a");
  set("AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://localhost/b");
  link_local.answer("http://169.254.170.2/a", 200, kAnswer);

  EXPECT_EQ(credentials().access_key_id, "ID");
}

TEST_F(ContainerCredentialsTest, SendsTheTokenOfTheFileReadEachTime) {
  constexpr auto kUrl = "http://169.254.170.23/v1/credentials";
  set("AWS_CONTAINER_CREDENTIALS_FULL_URI", kUrl);
  set("AWS_CONTAINER_AUTHORIZATION_TOKEN", "not this");
  set("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", write("token", "first\n"));
  link_local.answer(kUrl, 200, kAnswer);

  credentials();
  write("token", "second");
  credentials();

  EXPECT_THAT(link_local.requests[0].secret_headers, Contains(Pair("Authorization", "first")));
  EXPECT_THAT(link_local.requests[1].secret_headers, Contains(Pair("Authorization", "second")));
}

TEST_F(ContainerCredentialsTest, SendsTheTokenOfTheEnvironment) {
  set("AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://localhost:8080/c");
  set("AWS_CONTAINER_AUTHORIZATION_TOKEN", "Basic abc");
  link_local.answer("http://localhost:8080/c", 200, kAnswer);

  credentials();

  EXPECT_THAT(link_local.requests[0].secret_headers, Contains(Pair("Authorization", "Basic abc")));
}

TEST_F(ContainerCredentialsTest, RefusesATokenFileThatIsNotThere) {
  set("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/a");
  set("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", "/nowhere/token");

  const auto error = error_of([&] { ask(); });

  EXPECT_EQ(error.kind(), ErrorKind::invalid);
  EXPECT_THAT(error.message(), HasSubstr("/nowhere/token"));
  EXPECT_THAT(link_local.requests, IsEmpty());
}

TEST_F(ContainerCredentialsTest, TakesHttpFromItsOwnHostsOnly) {
  for (const char* host : {"127.0.0.1", "127.9.9.9", "localhost", "[::1]", "169.254.170.2", "169.254.170.23",
                           "[fd00:ec2::23]"}) {
    set("AWS_CONTAINER_CREDENTIALS_FULL_URI", std::string("http://") + host + "/c");
    link_local.answer(std::string("http://") + host + "/c", 200, kAnswer);
    EXPECT_EQ(credentials().access_key_id, "ID") << host;
  }
  for (const char* host :
       {"169.254.169.254", "169.254.170.3", "example.com", "127.0.0.1.example.com", "10.0.0.1"}) {
    set("AWS_CONTAINER_CREDENTIALS_FULL_URI", std::string("http://") + host + "/c");
    EXPECT_EQ(error_of([&] { ask(); }).kind(), ErrorKind::invalid) << host;
  }
}

TEST_F(ContainerCredentialsTest, TakesHttpsFromAnywhere) {
  set("AWS_CONTAINER_CREDENTIALS_FULL_URI", "https://credentials.example.com/c");
  http.answer("https://credentials.example.com/c", 200, kAnswer);

  EXPECT_EQ(credentials().access_key_id, "ID");
}

TEST_F(ContainerCredentialsTest, TriesAgainWhatIsOnlyOverloaded) {
  set("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/a");
  link_local.answer("http://169.254.170.2/a", 500, "");
  link_local.fail("http://169.254.170.2/a", Error(ErrorKind::transient, "timed out"));
  link_local.answer("http://169.254.170.2/a", 200, kAnswer);

  EXPECT_EQ(credentials().access_key_id, "ID");
  EXPECT_EQ(clock.slept.size(), 2U);
}

TEST_F(ContainerCredentialsTest, FailsWhenItIsRefused) {
  set("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/a");
  link_local.answer("http://169.254.170.2/a", 403, R"({"code":"AccessDenied","message":"wrong token"})");

  const auto error = error_of([&] { ask(); });

  EXPECT_EQ(error.kind(), ErrorKind::forbidden);
  EXPECT_THAT(error.message(), HasSubstr("wrong token"));
}

}  // namespace
}  // namespace hubkeep
