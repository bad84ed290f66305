// Names that cannot be resolved, for a moment or ever: cron before DNS is up, a laptop after its sleep, a
// router that restarts. Whoever's name it is, it is tried again, and nobody else notices.

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <fstream>
#include <optional>

#include "crypto/test_keys.h"
#include "e2e/end_to_end.h"
#include "e2e/resolver_faults.h"
#include "s3/fake_s3.h"
#include "s3/meddler.h"
#include "sim/http_server.h"
#include "sim/server_program.h"

namespace hubkeep {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

constexpr int kRepositories = 6;
constexpr auto kForever = LookUpFault::kForever;

/// GitHub as an Enterprise Server with its API on a host of its own, S3, STS and a proxy: all by names.
class Resolver : public EndToEnd {
 protected:
  Resolver() {
    github_.set_public_origin(fmt::format("http://hubkeep.test:{}", github_.port()));
    for (int i = 1; i <= kRepositories; ++i)
      ids_.push_back(add_filled(fmt::format("r{}", i), static_cast<unsigned>(i)));
    std::ofstream(scratch_ / "identity") << "web-identity-token";
  }

  sim::RunResult run(std::vector<std::string> arguments, const std::vector<LookUpFault>& faults,
                     sim::Environment environment = {}) {
    fs::remove(log_);
    environment.merge(resolver_environment(log_, faults));
    environment.emplace("TOKEN_GITHUB", token_);
    environment.emplace("HOME", scratch_.path().string());
    environment.emplace("AWS_EC2_METADATA_DISABLED", "true");
    arguments.insert(arguments.begin(), {"backup", "--api-url", api_url_});
    return hubkeep(std::move(arguments), std::move(environment));
  }
  sim::RunResult backup_to_folder(const std::vector<LookUpFault>& faults,
                                  std::vector<std::string> arguments = {},
                                  sim::Environment environment = {}) {
    arguments.insert(arguments.end(), {"--to", vault().string()});
    return run(std::move(arguments), faults, std::move(environment));
  }

  /// With keys that STS gives for a web identity.
  sim::Environment in_a_bucket() const {
    return {{"AWS_WEB_IDENTITY_TOKEN_FILE", (scratch_ / "identity").string()},
            {"AWS_ROLE_ARN", "arn:aws:iam::1:role/backup"},
            {"AWS_REGION", "eu-west-1"},
            {"AWS_ENDPOINT_URL_S3", by_name("s3", s3_.endpoint())},
            {"AWS_ENDPOINT_URL_STS", fmt::format("http://sts.hubkeep.test:{}", sts_.port())}};
  }
  sim::RunResult backup_to_bucket(const std::vector<LookUpFault>& faults,
                                  std::vector<std::string> arguments = {},
                                  sim::Environment environment = {}) {
    environment.merge(in_a_bucket());
    arguments.insert(arguments.end(), {"--to", "s3://bucket/vault"});
    return run(std::move(arguments), faults, std::move(environment));
  }

  sim::Environment through_a_proxy() {
    const auto program = sim::find_program("tinyproxy");
    if (!program) return {};
    const int port = sim::free_port();
    std::ofstream(scratch_ / "proxy.conf")
        << fmt::format("Port {}\nListen 127.0.0.1\nAllow 127.0.0.1\nMaxClients 100\n", port);
    proxy_.emplace(std::vector<std::string>{*program, "-d", "-c", scratch_ / "proxy.conf"},
                   [port] { return sim::accepts_connections(port); });
    // The proxy looks nothing up that only hubkeep knows.
    github_.set_public_origin(fmt::format("http://127.0.0.1:{}", github_.port()));
    api_url_ = github_.api_url();
    return {{"http_proxy", fmt::format("http://proxy.hubkeep.test:{}", port)}};
  }

  /// All repositories, each asked for as often as without any fault.
  void expect_all_saved(const sim::RunResult& result, std::string_view failed_host, int times) {
    EXPECT_EQ(result.exit_code, 0) << result.err;
    EXPECT_THAT(result.out, HasSubstr(fmt::format("{} saved", kRepositories))) << result.err;
    EXPECT_THAT(result.err, AllOf(HasSubstr("trying again in"), HasSubstr("cannot be resolved"),
                                  Not(HasSubstr("libcurl"))));
    EXPECT_EQ(failed_look_ups(log_, std::string(failed_host)), static_cast<std::size_t>(times));
    EXPECT_EQ(github_.count(sim::RequestKind::api), api_requests_);
    EXPECT_EQ(github_.count(sim::GitCommand::ls_refs), std::size_t{kRepositories});
    EXPECT_EQ(github_.count(sim::GitCommand::fetch), std::size_t{kRepositories});
  }
  /// How often the API is asked when nothing fails.
  void count_api_requests() {
    const auto result = backup_to_folder({});
    EXPECT_EQ(result.exit_code, 0) << result.err;
    api_requests_ = github_.count(sim::RequestKind::api);
    fs::remove_all(vault());
    fs::remove_all(scratch_ / ".local");  // where HOME remembers it
    github_.clear_log();
  }

  static std::string by_name(const std::string& label, const std::string& endpoint) {
    return fmt::format("http://{}.hubkeep.test{}", label, endpoint.substr(endpoint.rfind(':')));
  }
  static sim::HttpResponse role_credentials() {
    return {.status = 200,
            .headers = {},
            .body =
                "<AssumeRoleWithWebIdentityResponse><AssumeRoleWithWebIdentityResult><Credentials>"
                "<AccessKeyId>ID</AccessKeyId><SecretAccessKey>KEY</SecretAccessKey>"
                "<SessionToken>TOKEN</SessionToken><Expiration>2100-01-01T00:00:00Z</Expiration>"
                "</Credentials></AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>"};
  }

  const fs::path log_ = scratch_ / "look-ups";
  std::string api_url_ = fmt::format("http://api.hubkeep.test:{}/api/v3", github_.port());
  std::vector<sim::RepositoryId> ids_;
  std::size_t api_requests_ = 0;
  FakeS3 objects_;
  Meddler s3_{[this](const sim::HttpRequest& request) { return objects_.handle(request); }};
  sim::HttpServer sts_{{}, [](const sim::HttpRequest&) { return role_credentials(); }};
  std::optional<sim::ServerProgram> proxy_;
};

struct Hiccup {
  int times;
  int error;
  const char* jobs;
};

class ResolverHiccup : public Resolver, public testing::WithParamInterface<Hiccup> {
 protected:
  void SetUp() override { count_api_requests(); }
  std::vector<LookUpFault> of(const std::string& host) const {
    return {{.host = host, .times = GetParam().times, .error = GetParam().error}};
  }
  static std::vector<std::string> jobs() { return {"--jobs", GetParam().jobs}; }
  void expect_saved(const sim::RunResult& result, std::string_view failed_host) {
    expect_all_saved(result, failed_host, GetParam().times);
  }
};

TEST_P(ResolverHiccup, OfTheApi) {
  expect_saved(backup_to_folder(of("api.hubkeep.test"), jobs()), "api.hubkeep.test");
}

TEST_P(ResolverHiccup, OfTheGitServer) {
  expect_saved(backup_to_folder(of("hubkeep.test"), jobs()), "hubkeep.test");

  EXPECT_EQ(state_of(restore("octo/r1")), state_of(path_of(ids_.front())));
}

TEST_P(ResolverHiccup, OfS3) {
  expect_saved(backup_to_bucket(of("s3.hubkeep.test"), jobs()), "s3.hubkeep.test");
}

TEST_P(ResolverHiccup, OfSts) {
  expect_saved(backup_to_bucket(of("sts.hubkeep.test"), jobs()), "sts.hubkeep.test");
}

TEST_P(ResolverHiccup, OfAProxy) {
  const auto proxied = through_a_proxy();
  if (proxied.empty()) GTEST_SKIP() << "not installed: tinyproxy";

  const auto result = backup_to_folder(of("proxy.hubkeep.test"), jobs(), proxied);

  expect_saved(result, "proxy.hubkeep.test");
  EXPECT_THAT(result.err, HasSubstr("check https_proxy"));
}

INSTANTIATE_TEST_SUITE_P(OnceAndThrice, ResolverHiccup,
                         testing::Values(Hiccup{1, EAI_AGAIN, "1"}, Hiccup{1, EAI_NONAME, "8"},
                                         Hiccup{3, EAI_NONAME, "1"}, Hiccup{3, EAI_AGAIN, "8"}),
                         [](const auto& tested) {
                           return fmt::format("{}{}Jobs{}", tested.param.times == 1 ? "Once" : "Thrice",
                                              tested.param.error == EAI_AGAIN ? "Again" : "NoName",
                                              tested.param.jobs);
                         });

TEST_F(Resolver, ForZipsIsTriedAgain) {
  const auto result = backup_to_folder({{.host = "codeload.hubkeep.test"}}, {"--zip", "--jobs", "1"});

  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr("6 saved"));
  EXPECT_THAT(result.err, AllOf(HasSubstr("trying again in"), HasSubstr("s: zip: GET ")));
  EXPECT_EQ(failed_look_ups(log_, "codeload.hubkeep.test"), 1U);
}

TEST_F(Resolver, ForAnAppsTokenIsTriedAgain) {
  std::ofstream(scratch_ / "app.pem") << kTestKey;
  world_.add_app({.id = 12, .client_id = "Iv23x", .owner = "octo", .public_key = kTestPublicKey});
  world_.set_time(std::nullopt);
  world_.install(12, "octo");

  const auto result =
      backup_to_folder({{.host = "api.hubkeep.test", .times = 2}},
                       {"--app-id", "12", "--app-key-file", scratch_ / "app.pem"}, {{"TOKEN_GITHUB", ""}});

  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr("6 saved"));
}

class OneHostAlone : public Resolver, public testing::WithParamInterface<const char*> {};

// The second of six: with one job all that come after it use what it has left behind.
TEST_P(OneHostAlone, ThatNeverResolvesHarmsNoOtherRepository) {
  world_.edit(ids_[1], [&](sim::Repository& repository) {
    repository.clone_url_override = fmt::format("http://lost.hubkeep.test:{}/octo/r2.git", github_.port());
  });

  const auto result =
      backup_to_folder({{.host = "lost.hubkeep.test", .times = kForever, .error = EAI_NONAME}},
                       {"--jobs", GetParam()}, {{"HUBKEEP_RETRIES", "1"}});

  EXPECT_EQ(result.exit_code, 3);
  EXPECT_THAT(result.out, AllOf(HasSubstr("5 saved"), HasSubstr("1 failed")));
  EXPECT_THAT(
      result.err,
      AllOf(HasSubstr("octo/r2: failed: "), HasSubstr("the host name lost.hubkeep.test cannot be resolved"),
            HasSubstr("check the name, and this machine's network and DNS (tried 2 times)"),
            Not(HasSubstr("libcurl"))));
  EXPECT_EQ(failed_look_ups(log_, "lost.hubkeep.test"), 2U);
  EXPECT_EQ(github_.count(sim::GitCommand::ls_refs), 5U);
  EXPECT_EQ(github_.count(sim::GitCommand::fetch), 5U);
  for (const std::size_t saved : {0, 2, 3, 4, 5})
    EXPECT_EQ(state_of(restore(fmt::format("octo/r{}", saved + 1))), state_of(path_of(ids_[saved])));
}

INSTANTIATE_TEST_SUITE_P(Jobs, OneHostAlone, testing::Values("1", "8"));

TEST_F(Resolver, AnApiThatIsNeverFoundEndsTheRunWithWhatToCheck) {
  const auto result =
      backup_to_folder({{.host = "api.hubkeep.test", .times = kForever}}, {}, {{"HUBKEEP_RETRIES", "1"}});

  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.err,
              AllOf(HasSubstr("the host name api.hubkeep.test cannot be resolved"),
                    HasSubstr("check the name, and this machine's network and DNS (tried 2 times)")));
  EXPECT_EQ(failed_look_ups(log_, "api.hubkeep.test"), 2U);
  EXPECT_TRUE(github_.log().empty());
}

// Neither S3's attempts nor those of a repository multiply those of STS.
TEST_F(Resolver, AnStsThatIsNeverFoundIsAskedAsOftenAsTold) {
  const auto result =
      backup_to_bucket({{.host = "sts.hubkeep.test", .times = kForever}}, {}, {{"HUBKEEP_RETRIES", "1"}});

  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.err, AllOf(HasSubstr("AssumeRoleWithWebIdentity"),
                                HasSubstr("the host name sts.hubkeep.test cannot be resolved"),
                                HasSubstr("(tried 2 times)"), Not(HasSubstr("times) (tried"))));
  EXPECT_EQ(failed_look_ups(log_, "sts.hubkeep.test"), 2U);
  EXPECT_TRUE(s3_.requests().empty());
}

TEST_F(Resolver, AProxyThatIsNeverFoundIsNamedAsOne) {
  const auto result =
      backup_to_folder({{.host = "proxy.hubkeep.test", .times = kForever}}, {},
                       {{"HUBKEEP_RETRIES", "1"}, {"http_proxy", "http://proxy.hubkeep.test:3128"}});

  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.err, AllOf(HasSubstr("the proxy's host name cannot be resolved"),
                                HasSubstr("https_proxy"), HasSubstr("(tried 2 times)")));
  EXPECT_EQ(failed_look_ups(log_, "proxy.hubkeep.test"), 2U);
}

}  // namespace
}  // namespace hubkeep
