#include "http/curl_error.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/x509_vfy.h>

namespace hubkeep {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

struct Case {
  CURLcode code;
  long verify_result;
  long proxy_status;
  ErrorKind kind;
  const char* says;
};

CurlFailure failure_of(const Case& c) {
  return {.code = c.code,
          .detail = "curl's own words",
          .url = Url::parse("https://host.test/path?signature=secret"),
          .received = 3145728,
          .verify_result = c.verify_result,
          .proxy_status = c.proxy_status,
          .authorities = {.file = "/etc/own.pem"}};
}

TEST(ClassifyCurlError, FollowsTheTable) {
  const Case cases[] = {
      {CURLE_PARTIAL_FILE, 0, 0, ErrorKind::transient, "server closed the connection after 3145728 bytes"},
      {CURLE_RECV_ERROR, 0, 0, ErrorKind::transient, "after 3145728 bytes"},
      {CURLE_SEND_ERROR, 0, 0, ErrorKind::transient, "server closed"},
      {CURLE_GOT_NOTHING, 0, 0, ErrorKind::transient, "server closed"},
      {CURLE_HTTP2_STREAM, 0, 0, ErrorKind::transient, "server closed"},
      {CURLE_OPERATION_TIMEDOUT, 0, 0, ErrorKind::transient, "timed out after 3145728 bytes"},
      {CURLE_COULDNT_CONNECT, 0, 0, ErrorKind::transient, "cannot connect to host.test"},
      {CURLE_COULDNT_RESOLVE_HOST, 0, 0, ErrorKind::transient, "the host name host.test"},
      {CURLE_COULDNT_RESOLVE_HOST, 0, 0, ErrorKind::transient, "this machine's network and DNS"},
      {CURLE_COULDNT_RESOLVE_PROXY, 0, 0, ErrorKind::transient, "https_proxy"},
      {CURLE_COULDNT_RESOLVE_PROXY, 0, 0, ErrorKind::transient, "this machine's network and DNS"},
      {CURLE_PROXY, 0, 0, ErrorKind::transient, "the proxy failed (curl's own words): check https_proxy"},
      {CURLE_HTTP2, 0, 0, ErrorKind::transient, "server closed"},
      {CURLE_AGAIN, 0, 0, ErrorKind::transient, "the connection failed"},
      {CURLE_NO_CONNECTION_AVAILABLE, 0, 0, ErrorKind::transient, "the connection failed"},
      {CURLE_SSL_CONNECT_ERROR, 0, 0, ErrorKind::transient, "the TLS connection failed"},
      {CURLE_RECV_ERROR, 0, 407, ErrorKind::invalid, "the proxy refused to connect (status 407)"},
      {CURLE_RECV_ERROR, 0, 503, ErrorKind::transient, "status 503"},
      {CURLE_RECV_ERROR, 0, 200, ErrorKind::transient, "server closed"},
      {CURLE_RECV_ERROR, 0, 403, ErrorKind::invalid, "status 403"},
      {CURLE_RECV_ERROR, 0, 408, ErrorKind::transient, "status 408"},
      {CURLE_RECV_ERROR, 0, 429, ErrorKind::transient, "status 429"},
      {CURLE_COULDNT_CONNECT, 0, 407, ErrorKind::invalid, "the proxy refused to connect (status 407)"},
      {CURLE_COULDNT_CONNECT, 0, 502, ErrorKind::transient, "the proxy refused to connect (status 502)"},
      {CURLE_PEER_FAILED_VERIFICATION, X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT, 0, ErrorKind::invalid,
       "--ca-file"},
      {CURLE_PEER_FAILED_VERIFICATION, X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN, 0, ErrorKind::invalid,
       "/etc/own.pem"},
      {CURLE_PEER_FAILED_VERIFICATION, X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY, 0, ErrorKind::invalid,
       "--ca-file"},
      {CURLE_PEER_FAILED_VERIFICATION, X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE, 0, ErrorKind::invalid,
       "--ca-file"},
      {CURLE_PEER_FAILED_VERIFICATION, X509_V_ERR_CERT_HAS_EXPIRED, 0, ErrorKind::invalid, "expired"},
      {CURLE_PEER_FAILED_VERIFICATION, X509_V_ERR_CERT_NOT_YET_VALID, 0, ErrorKind::invalid, "clock"},
      {CURLE_PEER_FAILED_VERIFICATION, X509_V_OK, 0, ErrorKind::invalid, "another host name"},
      {CURLE_PEER_FAILED_VERIFICATION, X509_V_ERR_UNSPECIFIED, 0, ErrorKind::invalid, "another host name"},
      {CURLE_PEER_FAILED_VERIFICATION, X509_V_ERR_CERT_REVOKED, 0, ErrorKind::invalid, "cannot be trusted"},
      {CURLE_SSL_CACERT_BADFILE, 0, 0, ErrorKind::invalid, "--ca-file /etc/own.pem cannot be read"},
      {CURLE_SSL_CERTPROBLEM, 0, 0, ErrorKind::invalid, "client certificate"},
      {CURLE_UNSUPPORTED_PROTOCOL, 0, 0, ErrorKind::corrupt, "not valid HTTP"},
      {CURLE_WEIRD_SERVER_REPLY, 0, 0, ErrorKind::corrupt, "not valid HTTP"},
      {CURLE_BAD_CONTENT_ENCODING, 0, 0, ErrorKind::transient, "cannot be unpacked after 3145728 bytes"},
      {CURLE_OUT_OF_MEMORY, 0, 0, ErrorKind::internal, "libcurl failed"},
      {CURLE_SSL_SHUTDOWN_FAILED, 0, 0, ErrorKind::transient, "the connection failed"},
  };

  for (const auto& c : cases) {
    const Error error = classify_curl_error(failure_of(c));

    EXPECT_EQ(error.kind(), c.kind) << error.message();
    EXPECT_THAT(error.message(), HasSubstr(c.says));
    EXPECT_THAT(error.message(), StartsWith("https://host.test/path: "));
    EXPECT_THAT(error.message(), Not(HasSubstr("secret")));
  }
}

TEST(ClassifyCurlError, ShowsCurlsWordsSafely) {
  CurlFailure failure = failure_of({CURLE_RECV_ERROR, 0, 0, ErrorKind::transient, ""});
  failure.detail = "\x1b[31m";

  EXPECT_THAT(classify_curl_error(failure).message(), HasSubstr("\\x1b[31m"));
}

struct WordsCase {
  const char* url;
  CURLcode code;
  const char* words;
  ErrorKind kind;
  const char* says;
};

TEST(ClassifyCurlError, KnowsSomeOfCurlsWords) {
  const WordsCase cases[] = {
      {"https://host.test/", CURLE_COULDNT_CONNECT, "Failed to connect to host.test port 443 after 0 ms: no",
       ErrorKind::transient, "cannot connect to host.test ("},
      {"https://host.test/", CURLE_COULDNT_CONNECT, "Failed to connect to other.test port 443 after 0 ms: no",
       ErrorKind::transient, "cannot connect to the proxy ("},
      {"https://host.test/", CURLE_COULDNT_CONNECT, "Failed to connect to host.test port 4430 after 0 ms: no",
       ErrorKind::transient, "cannot connect to the proxy ("},
      {"https://[::1]:8443/", CURLE_COULDNT_CONNECT, "Failed to connect to ::1 port 8443 after 0 ms: no",
       ErrorKind::transient, "cannot connect to [::1]:8443 ("},
      {"https://host.test/", CURLE_COULDNT_CONNECT, "Unsupported proxy scheme for 'x://u:secret@h'",
       ErrorKind::invalid, "the proxy's URL"},
      {"https://host.test/", CURLE_COULDNT_RESOLVE_PROXY, "Unsupported proxy syntax in 'http://u:secret@ '",
       ErrorKind::invalid, "the proxy's URL"},
      {"https://host.test/", CURLE_SSL_CONNECT_ERROR, "error:0A00010B:SSL routines::wrong version number",
       ErrorKind::invalid, "does not speak TLS on this port"},
      {"https://host.test/", CURLE_SSL_CONNECT_ERROR,
       "OpenSSL SSL_connect: Connection reset by peer in connection to host.test:443", ErrorKind::transient,
       "the TLS connection failed"},
      {"https://host.test/", CURLE_SSL_CONNECT_ERROR,
       "error:0A000126:SSL routines::unexpected eof while reading", ErrorKind::transient,
       "the TLS connection failed"},
      {"http://host.test/", CURLE_GOT_NOTHING, "Empty reply from server", ErrorKind::transient,
       "must begin with https://"},
  };

  for (const auto& c : cases) {
    const Error error = classify_curl_error({.code = c.code, .detail = c.words, .url = Url::parse(c.url)});

    EXPECT_EQ(error.kind(), c.kind) << error.message();
    EXPECT_THAT(error.message(), HasSubstr(c.says));
    EXPECT_THAT(error.message(), Not(HasSubstr("secret")));
  }
}

TEST(ClassifyCurlError, FallsBackToTheCodesName) {
  CurlFailure failure = failure_of({CURLE_COULDNT_CONNECT, 0, 0, ErrorKind::transient, ""});
  failure.detail.clear();

  EXPECT_THAT(classify_curl_error(failure).message(), HasSubstr(curl_easy_strerror(CURLE_COULDNT_CONNECT)));
}

}  // namespace
}  // namespace hubkeep
