// A server that sends whoever asks for credentials on to a stranger: real servers and libcurl, for every call
// that sends a secret or is answered with one.
#include <fmt/format.h>
#include <httplib.h>

#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "aws/aws_fixture.h"
#include "aws/container_credentials.h"
#include "aws/instance_metadata.h"
#include "aws/profile_credentials.h"
#include "aws/secrets_manager.h"
#include "aws/sso.h"
#include "aws/sso_token.h"
#include "http/curl_client.h"

namespace hubkeep {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

/// Answers everything in one way, and keeps "METHOD path" of what it was asked.
class OneAnswerServer {
 public:
  explicit OneAnswerServer(const std::function<void(httplib::Response&)>& answer) {
    server_.set_pre_routing_handler([this, answer](const httplib::Request& request, httplib::Response& to) {
      const std::scoped_lock lock(mutex_);
      asked_.push_back(request.method + " " + request.path);
      answer(to);
      return httplib::Server::HandlerResponse::Handled;
    });
    port_ = server_.bind_to_any_port("127.0.0.1");
    thread_ = std::thread([this] { server_.listen_after_bind(); });
    while (!server_.is_running()) std::this_thread::yield();
  }
  OneAnswerServer(const OneAnswerServer&) = delete;
  OneAnswerServer& operator=(const OneAnswerServer&) = delete;
  ~OneAnswerServer() {
    server_.stop();
    thread_.join();
  }

  std::string origin() const { return fmt::format("http://127.0.0.1:{}", port_); }
  std::vector<std::string> asked() const {
    const std::scoped_lock lock(mutex_);
    return asked_;
  }

 private:
  httplib::Server server_;
  int port_ = 0;
  std::thread thread_;
  mutable std::mutex mutex_;
  std::vector<std::string> asked_;  // guarded by mutex_
};

struct AwsRedirect : AwsFixture, ::testing::WithParamInterface<int> {
  AwsRedirect() {
    set_real("AWS_REGION", "eu-west-1");
    set_real("AWS_ENDPOINT_URL", aws.origin());
  }

  void set_real(const std::string& name, const std::string& value) {
    real.environment.variables[name] = value;
  }

  void expect_not_followed(const std::function<void()>& ask) {
    const Error error = error_of(ask);

    EXPECT_EQ(error.kind(), ErrorKind::invalid) << error.message();
    EXPECT_THAT(error.message(), AllOf(HasSubstr("a redirect, which is not followed"),
                                       HasSubstr(std::to_string(GetParam())), Not(HasSubstr("s3cret"))));
    EXPECT_THAT(aws.asked(), SizeIs(1));
    EXPECT_THAT(stranger.asked(), IsEmpty());
  }
  void ask_profile() const { profile_credentials(real, load_shared_config(real.environment), "default", {}); }
  void sign_in(const std::string& expires_at) {
    write(".aws/config",
          "[default]\nsso_session=corp\nsso_role_name=Backup\nsso_account_id=1\n[sso-session corp]\n"
          "sso_start_url=https://corp.awsapps.com/start\nsso_region=eu-west-1\n");
    const SsoSession corp{.name = "corp", .start_url = "", .oidc = {}, .login_command = ""};
    const auto file = sso_token_file(context.environment, corp).substr(context.environment.home.size() + 1);
    write(file, R"({"accessToken":"s3cret","expiresAt":")" + expires_at +
                    R"(","refreshToken":"s3cret-refresh","clientId":"c","clientSecret":"s3cret-client",)"
                    R"("registrationExpiresAt":"2001-12-01T00:00:00Z"})");
  }

  OneAnswerServer stranger{[](httplib::Response& response) { response.set_content("{}", "text/plain"); }};
  OneAnswerServer aws{[this](httplib::Response& response) {
    response.status = GetParam();
    response.set_header("Location", stranger.origin() + "/take");
  }};
  std::unique_ptr<HttpClient> client = make_curl_client(link_local_options("hubkeep-test"));
  AwsContext real{.environment = context.environment, .http = *client, .link_local = *client, .clock = clock};
};

TEST_P(AwsRedirect, TheWebIdentityTokenIsNotSentOn) {
  set_real("AWS_WEB_IDENTITY_TOKEN_FILE", write("token", "s3cret"));
  set_real("AWS_ROLE_ARN", "arn:x");

  expect_not_followed([&] { web_identity_credentials(real, load_shared_config(real.environment), {}); });
}

TEST_P(AwsRedirect, AnAssumedRoleIsNotTakenFromElsewhere) {
  write(".aws/config",
        "[default]\nrole_arn=arn:x\nsource_profile=default\naws_access_key_id=ID\n"
        "aws_secret_access_key=s3cret\n");

  expect_not_followed([&] { ask_profile(); });
}

TEST_P(AwsRedirect, TheSsoTokenIsNotSentOn) {
  sign_in("2001-09-09T09:00:00Z");

  expect_not_followed([&] { ask_profile(); });
}

TEST_P(AwsRedirect, WhatRenewsAnSsoTokenIsNotSentOn) {
  sign_in("2001-09-08T00:00:00Z");

  const Error error = error_of([&] { ask_profile(); });

  EXPECT_EQ(error.kind(), ErrorKind::unauthorized) << error.message();
  EXPECT_THAT(aws.asked(), ::testing::ElementsAre("POST /token"));
  EXPECT_THAT(stranger.asked(), IsEmpty());
}

TEST_P(AwsRedirect, ASecretIsNotTakenFromElsewhere) {
  set_real("AWS_ACCESS_KEY_ID", "ID");
  set_real("AWS_SECRET_ACCESS_KEY", "s3cret");

  expect_not_followed([&] { get_secret_value(real, "prod/github", {}); });
}

TEST_P(AwsRedirect, AContainersTokenIsNotSentOn) {
  set_real("AWS_CONTAINER_CREDENTIALS_FULL_URI", aws.origin() + "/v1");
  set_real("AWS_CONTAINER_AUTHORIZATION_TOKEN", "s3cret");

  expect_not_followed([&] { container_credentials(real, {}); });
}

TEST_P(AwsRedirect, AnInstancesRoleIsNotTakenFromElsewhere) {
  set_real("AWS_EC2_METADATA_SERVICE_ENDPOINT", aws.origin());

  const auto result = instance_credentials(real, {});

  EXPECT_THAT(std::get<NotConfigured>(result).reason, HasSubstr("a redirect, which is not followed"));
  EXPECT_THAT(aws.asked(), ::testing::ElementsAre("PUT /latest/api/token"));
  EXPECT_THAT(stranger.asked(), IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(AllStatuses, AwsRedirect, ::testing::Values(301, 302, 303, 307, 308));

}  // namespace
}  // namespace hubkeep
