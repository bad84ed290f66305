#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <httplib.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <thread>

#include "base/error.h"
#include "http/curl_client.h"
#include "http/test_certificate.h"

namespace hubkeep {
namespace {

using std::chrono::hours;
using ::testing::AllOf;
using ::testing::HasSubstr;

/// Serves "hello" at every path, and a redirect to http at /down.
class HttpsServer {
 public:
  explicit HttpsServer(const TestCertificate& certificate)
      : server_(certificate.certificate.get(), certificate.key.get()) {
    server_.Get("/down",
                [](const auto&, auto& response) { response.set_redirect("http://127.0.0.1:1/", 302); });
    server_.Get("/", [](const auto&, auto& response) { response.set_content("hello", "text/plain"); });
    port_ = server_.bind_to_any_port("127.0.0.1");
    thread_ = std::thread([this] { server_.listen_after_bind(); });
    while (!server_.is_running()) std::this_thread::yield();  // stop() before that would be lost
  }
  ~HttpsServer() {
    server_.stop();
    thread_.join();
  }

  Url url(const std::string& path = "/") const {
    return Url::parse("https://127.0.0.1:" + std::to_string(port_) + path);
  }

 private:
  httplib::SSLServer server_;
  int port_ = 0;
  std::thread thread_;
};

class CurlClientTlsTest : public ::testing::Test {
 protected:
  CurlClientTlsTest() {
    std::filesystem::create_directories(folder_);
    write_pem(authority_, ca_file_);
  }
  ~CurlClientTlsTest() override { std::filesystem::remove_all(folder_); }

  static HttpResponse get(const Url& url, const std::string& ca_file) {
    HttpRequest request;
    request.url = url;
    return make_curl_client({.user_agent = "test", .authorities = {.file = ca_file}})
        ->send(request, nullptr, {});
  }

  static std::string refusal_of(const Url& url, const std::string& ca_file) {
    return refusal_of(url, Authorities{.file = ca_file});
  }

  static std::string refusal_of(const Url& url, const Authorities& authorities) {
    try {
      make_curl_client({.user_agent = "test", .authorities = authorities})->send({.url = url}, nullptr, {});
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::invalid) << error.message();
      return error.message();
    }
    return "not refused";
  }

  const std::filesystem::path folder_ =
      std::filesystem::temp_directory_path() / ("hubkeep_tls_test." + std::to_string(getpid()));
  const std::string ca_file_ = folder_ / "ca.pem";
  const TestCertificate authority_ = make_authority("hubkeep test authority");
};

TEST_F(CurlClientTlsTest, TrustsItsOwnAuthority) {
  const HttpsServer server(make_server_certificate(authority_, "IP:127.0.0.1", hours(1)));

  const HttpResponse response = get(server.url(), ca_file_);

  EXPECT_EQ(response.body, "hello");
}

TEST_F(CurlClientTlsTest, RefusesAnUnknownAuthority) {
  const TestCertificate other = make_authority("another authority");
  const HttpsServer server(make_server_certificate(other, "IP:127.0.0.1", hours(1)));

  EXPECT_THAT(refusal_of(server.url(), ca_file_), AllOf(HasSubstr("not known to"), HasSubstr("--ca-file")));
  EXPECT_THAT(refusal_of(server.url(), ""), AllOf(HasSubstr("the system's"), HasSubstr("--ca-file")));
}

TEST_F(CurlClientTlsTest, RefusesAnotherHostsCertificate) {
  const HttpsServer server(make_server_certificate(authority_, "DNS:other.test", hours(1)));

  EXPECT_THAT(refusal_of(server.url(), ca_file_), HasSubstr("another host name"));
}

TEST_F(CurlClientTlsTest, RefusesAnExpiredCertificate) {
  const HttpsServer server(make_server_certificate(authority_, "IP:127.0.0.1", -hours(1)));

  EXPECT_THAT(refusal_of(server.url(), ca_file_), AllOf(HasSubstr("expired"), HasSubstr("clock")));
}

TEST_F(CurlClientTlsTest, RefusesACertificateOfTheFuture) {
  const HttpsServer server(make_server_certificate(authority_, "IP:127.0.0.1", hours(48)));

  EXPECT_THAT(refusal_of(server.url(), ca_file_), HasSubstr("not valid yet"));
}

TEST_F(CurlClientTlsTest, NamesACaFileThatItCannotUse) {
  const HttpsServer server(make_server_certificate(authority_, "IP:127.0.0.1", hours(1)));
  const std::string missing = folder_ / "missing.pem";
  const std::string no_pem = folder_ / "no.pem";
  std::ofstream(no_pem) << "not a certificate\n";

  EXPECT_THAT(refusal_of(server.url(), missing), HasSubstr("--ca-file " + missing));
  EXPECT_THAT(refusal_of(server.url(), no_pem), HasSubstr("--ca-file " + no_pem));
}

TEST_F(CurlClientTlsTest, TrustsAnAuthorityBesidesTheSystems) {
  const TestCertificate other = make_authority("another authority");
  const HttpsServer known(make_server_certificate(authority_, "IP:127.0.0.1", hours(1)));
  const HttpsServer unknown(make_server_certificate(other, "IP:127.0.0.1", hours(1)));
  const Authorities besides{
      .file = ca_file_, .use = AuthoritiesUse::besides, .name = "the file", .remedy = "by hand"};

  EXPECT_EQ(make_curl_client({.user_agent = "test", .authorities = besides})
                ->send({.url = known.url()}, nullptr, {})
                .body,
            "hello");
  EXPECT_THAT(refusal_of(unknown.url(), besides),
              AllOf(HasSubstr("not known to the system's certificate authorities nor to the file ("),
                    HasSubstr("in PEM, by hand")));
}

TEST_F(CurlClientTlsTest, IsNotLedFromHttpsToHttp) {
  const HttpsServer server(make_server_certificate(authority_, "IP:127.0.0.1", hours(1)));

  EXPECT_THAT(refusal_of(server.url("/down"), ca_file_), HasSubstr("http://127.0.0.1:1: refused"));
}

}  // namespace
}  // namespace hubkeep
