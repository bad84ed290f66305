// The metadata services over real connections: what libcurl sends, and how long it waits.
#include <arpa/inet.h>
#include <httplib.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <thread>

#include "aws/aws_fixture.h"
#include "aws/container_credentials.h"
#include "aws/instance_metadata.h"
#include "http/curl_client.h"

namespace hubkeep {
namespace {

using ::testing::HasSubstr;

constexpr auto kAnswer =
    R"({"Code":"Success","AccessKeyId":"ID","SecretAccessKey":"S","Token":"T","Expiration":"2001-09-09T08:00:00Z"})";

/// Connections are taken by the kernel and never answered.
class SilentServer {
 public:
  SilentServer() : listener_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof address;
    EXPECT_EQ(::bind(listener_, reinterpret_cast<sockaddr*>(&address), length), 0);
    EXPECT_EQ(::listen(listener_, 8), 0);
    EXPECT_EQ(::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &length), 0);
    port_ = ntohs(address.sin_port);
  }
  SilentServer(const SilentServer&) = delete;
  SilentServer& operator=(const SilentServer&) = delete;
  ~SilentServer() { ::close(listener_); }
  std::string address() const { return "http://127.0.0.1:" + std::to_string(port_); }

 private:
  int listener_;
  int port_ = 0;
};

struct LoopbackTest : AwsFixture {
  LoopbackTest() {
    server.Put("/latest/api/token", [](const auto& request, auto& response) {
      const bool good = request.get_header_value("X-aws-ec2-metadata-token-ttl-seconds") == "21600" &&
                        request.get_header_value("X-Forwarded-For").empty();
      response.status = good ? 200 : 400;
      response.body = "TOKEN";
    });
    server.Get("/latest/meta-data/.*", [](const auto& request, auto& response) {
      if (request.get_header_value("X-aws-ec2-metadata-token") != "TOKEN") {
        response.status = 401;
      } else if (request.path == "/latest/meta-data/placement/region") {
        response.body = "eu-west-1";
      } else {
        response.body = request.path.ends_with('/') ? "backup" : kAnswer;
      }
    });
    server.Get("/container", [](const auto& request, auto& response) {
      response.status = request.get_header_value("Authorization") == "token" ? 200 : 403;
      response.body = kAnswer;
    });
    port = server.bind_to_any_port("127.0.0.1");
    thread = std::thread([this] { server.listen_after_bind(); });
    while (!server.is_running()) std::this_thread::yield();
  }
  ~LoopbackTest() override {
    server.stop();
    thread.join();
  }

  std::string address() const { return "http://127.0.0.1:" + std::to_string(port); }

  httplib::Server server;
  int port = 0;
  std::thread thread;
  std::unique_ptr<HttpClient> client = make_curl_client(link_local_options("hubkeep-test"));
  AwsContext real{.environment = {}, .http = *client, .link_local = *client, .clock = clock};
};

TEST_F(LoopbackTest, SpeaksWithAnInstanceMetadataService) {
  real.environment.variables = {{"AWS_EC2_METADATA_SERVICE_ENDPOINT", address()}};

  EXPECT_EQ(std::get<Credentials>(instance_credentials(real, {})).access_key_id, "ID");
  EXPECT_EQ(instance_region(real, {}), "eu-west-1");
}

TEST_F(LoopbackTest, SpeaksWithAContainersEndpoint) {
  real.environment.variables = {{"AWS_CONTAINER_CREDENTIALS_FULL_URI", address() + "/container"},
                                {"AWS_CONTAINER_AUTHORIZATION_TOKEN", "token"}};

  EXPECT_EQ(std::get<Credentials>(container_credentials(real, {})).session_token.reveal(), "T");
}

TEST_F(LoopbackTest, GoesPastTheProxyToTheMetadataServices) {
  ::setenv("http_proxy", "http://127.0.0.1:1", 1);
  real.environment.variables = {{"AWS_EC2_METADATA_SERVICE_ENDPOINT", address()}};

  EXPECT_EQ(instance_region(real, {}), "eu-west-1");
  ::unsetenv("http_proxy");
}

TEST_F(LoopbackTest, DoesNotWaitLongForAServiceThatIsSilent) {
  const SilentServer silent;
  real.environment.variables = {{"AWS_EC2_METADATA_SERVICE_ENDPOINT", silent.address()}};

  const auto result = instance_credentials(real, {});

  EXPECT_THAT(std::get<NotConfigured>(result).reason, HasSubstr(silent.address()));
}

}  // namespace
}  // namespace hubkeep
