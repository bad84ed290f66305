#include "http/curl_error.h"

#include <fmt/format.h>

#include "base/text.h"

namespace hubkeep {
namespace {

// OpenSSL, x509_vfy.h: the numbers are part of its ABI. Its header is not used here, so that the link stays
// with curl.
constexpr long kVerified = 0;
constexpr long kNotJudged =
    1;  // libcurl checks the name first and leaves the chain unjudged when that is wrong
constexpr long kCertificateNotYetValid = 9;
constexpr long kCertificateExpired = 10;
constexpr long kSelfSignedCertificate = 18;
constexpr long kSelfSignedInChain = 19;
constexpr long kIssuerNotFoundLocally = 20;
constexpr long kFirstUnverifiable = 21;

std::string detail_of(const CurlFailure& failure) {
  return printable(failure.detail.empty() ? curl_easy_strerror(failure.code) : failure.detail.c_str());
}

std::string authorities_of(const CurlFailure& failure) {
  return failure.ca_file.empty() ? "the system's certificate authorities"
                                 : fmt::format("--ca-file {}", printable(failure.ca_file));
}

std::string certificate_problem(const CurlFailure& failure) {
  const std::string detail = detail_of(failure);
  switch (failure.verify_result) {
    case kSelfSignedCertificate:
    case kSelfSignedInChain:
    case kIssuerNotFoundLocally:
    case kFirstUnverifiable:
      return fmt::format(
          "the server's certificate is signed by an authority that is not known to {} ({}): give the "
          "authority's "
          "certificate, in PEM, with --ca-file",
          authorities_of(failure), detail);
    case kCertificateExpired:
      return fmt::format(
          "the server's certificate has expired ({}): it must be renewed on the server; if it was not "
          "long ago, check this machine's clock",
          detail);
    case kCertificateNotYetValid:
      return fmt::format("the server's certificate is not valid yet ({}): check this machine's clock",
                         detail);
    case kVerified:
    case kNotJudged:
      return fmt::format(
          "the server's certificate was made for another host name ({}): check the URL; use a name "
          "that the certificate holds",
          detail);
    default:
      return fmt::format("the server's certificate cannot be trusted ({})", detail);
  }
}

Error with_url(const CurlFailure& failure, ErrorKind kind, std::string_view message) {
  return Error(kind, fmt::format("{}: {}", failure.url.without_query(), message));
}

Error classify_break(const CurlFailure& failure) {
  if (failure.proxy_status >= 400) {
    return with_url(failure, failure.proxy_status < 500 ? ErrorKind::invalid : ErrorKind::transient,
                    fmt::format("the proxy refused to connect (status {}): check https_proxy and no_proxy",
                                failure.proxy_status));
  }
  return with_url(
      failure, ErrorKind::transient,
      fmt::format("server closed the connection after {} bytes ({})", failure.received, detail_of(failure)));
}

}  // namespace

Error classify_curl_error(const CurlFailure& failure) {
  const std::string detail = detail_of(failure);
  switch (failure.code) {
    case CURLE_COULDNT_RESOLVE_HOST:
      return with_url(failure, ErrorKind::transient,
                      fmt::format("the host name {} cannot be resolved ({})", failure.url.host, detail));
    case CURLE_COULDNT_RESOLVE_PROXY:
      return with_url(
          failure, ErrorKind::transient,
          fmt::format("the proxy's host name cannot be resolved ({}): check https_proxy", detail));
    case CURLE_COULDNT_CONNECT:
      return with_url(failure, ErrorKind::transient,
                      fmt::format("cannot connect to {} ({})", failure.url.host_and_port(), detail));
    case CURLE_PARTIAL_FILE:
    case CURLE_GOT_NOTHING:
    case CURLE_RECV_ERROR:
    case CURLE_SEND_ERROR:
    case CURLE_HTTP2:
    case CURLE_HTTP2_STREAM:
      return classify_break(failure);
    case CURLE_OPERATION_TIMEDOUT:
      return with_url(failure, ErrorKind::transient,
                      fmt::format("timed out after {} bytes ({})", failure.received, detail));
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_ISSUER_ERROR:
    case CURLE_SSL_INVALIDCERTSTATUS:
      return with_url(failure, ErrorKind::invalid, certificate_problem(failure));
    case CURLE_SSL_CACERT_BADFILE:
      return with_url(
          failure, ErrorKind::invalid,
          fmt::format("{} cannot be read as certificates in PEM ({})", authorities_of(failure), detail));
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CLIENTCERT:
      return with_url(
          failure, ErrorKind::invalid,
          fmt::format("the server wants a client certificate, which is not supported ({})", detail));
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_WEIRD_SERVER_REPLY:
    case CURLE_BAD_CONTENT_ENCODING:
      return with_url(failure, ErrorKind::corrupt, fmt::format("the answer is not valid HTTP ({})", detail));
    case CURLE_FAILED_INIT:
    case CURLE_URL_MALFORMAT:
    case CURLE_OUT_OF_MEMORY:
    case CURLE_BAD_FUNCTION_ARGUMENT:
    case CURLE_UNKNOWN_OPTION:
      return with_url(failure, ErrorKind::internal, fmt::format("libcurl failed ({})", detail));
    default:
      return with_url(failure, ErrorKind::transient, fmt::format("the connection failed ({})", detail));
  }
}

}  // namespace hubkeep
