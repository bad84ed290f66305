// Proxies, named by the variables that curl knows.

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <fstream>
#include <optional>
#include <sstream>

#include "e2e/end_to_end.h"
#include "http/test_certificate.h"
#include "sim/hostile_server.h"
#include "sim/server_program.h"

namespace hubkeep {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

constexpr const char* kConfiguration = R"(Port {port}
Listen 127.0.0.1
Allow 127.0.0.1
Timeout 600
MaxClients 100
LogFile "{folder}/proxy.log"
LogLevel Connect
BasicAuth visitor pr0xy-s3cret
)";

class ThroughAProxy : public EndToEnd {
 protected:
  ThroughAProxy() {
    const auto authority = make_authority("own authority");
    const auto certificate = make_server_certificate(authority, "IP:127.0.0.1", std::chrono::hours(1));
    write_pem(authority, ca_file_);
    write_pem(certificate, scratch_ / "server.pem");
    write_key_pem(certificate, scratch_ / "server.key");
    secure_.emplace(world_, sim::SimulatorOptions{.certificate = scratch_ / "server.pem",
                                                  .key = scratch_ / "server.key"});
    id_ = add_repository("site");
    sim::make_repository_content(path_of(id_), 7, 20, 5);
    pushed(id_);
  }

  sim::RunResult secure_backup(sim::Environment environment) {
    environment.emplace("TOKEN_GITHUB", token_);
    return hubkeep({"backup", "--verbose", "--api-url", secure_->api_url(), "--to", vault().string(),
                    "--ca-file", ca_file_},
                   std::move(environment));
  }
  void expect_saved(const sim::RunResult& result) {
    EXPECT_EQ(result.exit_code, 0) << result.err;
    EXPECT_EQ(state_of(restore("octo/site")), state_of(path_of(id_)));
    begin_anew();
  }
  /// Nobody listens there.
  static std::string closed_proxy() { return fmt::format("http://127.0.0.1:{}", sim::free_port()); }
  static std::string refusing(const std::string& status_line) {
    return "HTTP/1.1 " + status_line + "\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
  }

  const std::string ca_file_ = scratch_ / "ca.pem";
  std::optional<sim::Simulator> secure_;  // the same world as github_ shows, over https
  sim::RepositoryId id_ = 0;
};

class ThroughTinyproxy : public ThroughAProxy {
 protected:
  void SetUp() override {
    const auto program = sim::find_program("tinyproxy");
    if (!program) GTEST_SKIP() << "not installed: tinyproxy";
    const auto folder = scratch_ / "proxy";
    std::filesystem::create_directory(folder);
    std::ofstream(folder / "proxy.conf")
        << fmt::format(kConfiguration, fmt::arg("port", port_), fmt::arg("folder", folder.string()));
    proxy_.emplace(std::vector<std::string>{*program, "-d", "-c", folder / "proxy.conf"},
                   [this] { return sim::accepts_connections(port_); });
  }

  std::string with_password(const std::string& password) const {
    return fmt::format("http://visitor:{}@127.0.0.1:{}", password, port_);
  }
  std::string address() const { return fmt::format("http://127.0.0.1:{}", port_); }
  std::string proxy() const { return with_password("pr0xy-s3cret"); }
  std::string proxy_log() const {
    std::ostringstream text;
    text << std::ifstream(scratch_ / "proxy" / "proxy.log").rdbuf();
    return text.str();
  }

 private:
  const int port_ = sim::free_port();
  std::optional<sim::ServerProgram> proxy_;
};

TEST_F(ThroughTinyproxy, HttpsGoesThroughATunnel) {
  for (const char* variable : {"https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"}) {
    SCOPED_TRACE(variable);

    const auto result = secure_backup({{variable, proxy()}});

    expect_saved(result);
    EXPECT_THAT(result.err + result.out, Not(HasSubstr("pr0xy-s3cret")));
  }
  EXPECT_THAT(proxy_log(), HasSubstr(fmt::format("CONNECT 127.0.0.1:{}", secure_->port())));
  EXPECT_THAT(proxy_log(), Not(HasSubstr("/api/v3")));
}

TEST_F(ThroughTinyproxy, HttpIsForwarded) {
  const auto result = backup({"--verbose"}, {{"http_proxy", proxy()}});

  expect_saved(result);
  EXPECT_THAT(proxy_log(), AllOf(HasSubstr("GET " + github_.api_url() + "/user/repos"),
                                 HasSubstr("POST " + github_.clone_url(id_) + "/git-upload-pack")));
  EXPECT_THAT(result.err + result.out, Not(HasSubstr("pr0xy-s3cret")));
}

TEST_F(ThroughTinyproxy, AWrongPasswordOrNoneIsTheProxysRefusal) {
  const auto wrong = secure_backup({{"https_proxy", with_password("wr0ng")}});
  const auto none = secure_backup({{"https_proxy", address()}});
  const auto forward = backup({"--verbose"}, {{"http_proxy", address()}});

  for (const auto& result : {wrong, none, forward}) {
    EXPECT_EQ(result.exit_code, 1);
    EXPECT_THAT(result.err, AllOf(HasSubstr("the proxy refused to connect (status 40"),
                                  HasSubstr("wants a user and a password"), Not(HasSubstr("trying again"))));
    EXPECT_THAT(result.err + result.out, Not(HasSubstr("wr0ng")));
  }
  EXPECT_TRUE(github_.log().empty());
}

TEST_F(ThroughAProxy, NoProxyLeadsPastIt) {
  const auto result = secure_backup({{"https_proxy", closed_proxy()}, {"no_proxy", "example.com,127.0.0.1"}});

  expect_saved(result);
}

TEST_F(ThroughAProxy, HttpProxyInCapitalsIsIgnoredAsInCurl) {
  expect_saved(backup({}, {{"HTTP_PROXY", closed_proxy()}}));
}

TEST_F(ThroughAProxy, ARefusedTunnelSaysThatItWasTheProxy) {
  for (const char* status : {"403 Forbidden", "407 Proxy Authentication Required"}) {
    const sim::HostileServer proxy(refusing(status));

    const auto result = secure_backup({{"https_proxy", proxy.origin()}});

    EXPECT_EQ(result.exit_code, 1);
    EXPECT_THAT(result.err,
                AllOf(HasSubstr("the proxy refused to connect"), HasSubstr(std::string(status).substr(0, 3)),
                      Not(HasSubstr("trying again"))));
    ASSERT_EQ(proxy.connections(), 2U) << "a refusal is believed when it comes again";
    for (const auto& received : proxy.received()) EXPECT_THAT(received, Not(HasSubstr(token_)));
  }
}

TEST_F(ThroughAProxy, AProxyThatCannotBeReachedIsNamed) {
  const std::string address = closed_proxy();
  const auto with_user = "http://visitor:pr0xy-s3cret@" + address.substr(std::string("http://").size());

  const auto result = secure_backup({{"https_proxy", with_user}});

  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.err, AllOf(HasSubstr("cannot connect to the proxy"), HasSubstr("https_proxy")));
  EXPECT_THAT(result.err + result.out, Not(HasSubstr("pr0xy-s3cret")));
}

TEST_F(ThroughAProxy, AProxyThatIsNoUrlIsNeverShown) {
  for (const char* text :
       {"http://visitor:pr0xy-s3cret@127.0.0.1:999999", "ftp://visitor:pr0xy-s3cret@host:1",
        "http://visitor:pr0xy-s3cret@no such host:1"}) {
    SCOPED_TRACE(text);

    const auto result = secure_backup({{"https_proxy", text}});

    EXPECT_EQ(result.exit_code, 1);
    EXPECT_THAT(result.err, AllOf(HasSubstr("https_proxy"), Not(HasSubstr("trying again"))));
    EXPECT_THAT(result.err + result.out, Not(HasSubstr("pr0xy-s3cret")));
  }
}

}  // namespace
}  // namespace hubkeep
