// One table from libcurl's code to a kind of Error and a sentence that says what to do. Where a code stands
// for several things, libcurl's own words or the certificate's verdict decide; these change between versions,
// so the tests hold them: ClassifyCurlError.FollowsTheTable and KnowsSomeOfCurlsWords.
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

constexpr std::string_view kLookUp = "check the name, and this machine's network and DNS";
constexpr std::string_view kProxyVariables = "check https_proxy, http_proxy, all_proxy and no_proxy";

std::string detail_of(const CurlFailure& failure) {
  return printable(failure.detail.empty() ? curl_easy_strerror(failure.code) : failure.detail.c_str());
}

std::string file_of(const Authorities& authorities) {
  return authorities.name.empty() ? fmt::format("--ca-file {}", printable(authorities.file))
                                  : authorities.name;
}

std::string describe(const Authorities& authorities) {
  if (authorities.file.empty()) return "the system's certificate authorities";
  if (authorities.use == AuthoritiesUse::instead) return file_of(authorities);
  return fmt::format("the system's certificate authorities nor to {}", file_of(authorities));
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
          "authority's certificate, in PEM, {}",
          describe(failure.authorities), detail, failure.authorities.remedy);
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

Error unusable_file(const CurlFailure& failure) {
  const Authorities& authorities = failure.authorities;
  return with_url(failure, ErrorKind::invalid,
                  fmt::format("{} cannot be read as certificates in PEM ({})",
                              authorities.file.empty() ? describe(authorities) : file_of(authorities),
                              detail_of(failure)));
}

// libcurl repeats a proxy's URL that it cannot use, with the password in it.
bool is_proxy_no_url(const CurlFailure& failure) {
  return failure.detail.starts_with("Unsupported proxy");
}

// libcurl 7.88 does not tell whether there was a proxy, but names what it could not connect to.
bool is_proxy_unreachable(const CurlFailure& failure) {
  constexpr std::string_view kBeginning = "Failed to connect to ";
  std::string_view host = failure.url.host;
  if (host.starts_with('[')) host = host.substr(1, host.size() - 2);
  return failure.detail.starts_with(kBeginning) &&
         !failure.detail.starts_with(fmt::format("{}{} port {} after", kBeginning, host, failure.url.port));
}

Error classify_no_connection(const CurlFailure& failure) {
  const std::string detail = detail_of(failure);
  if (is_proxy_no_url(failure)) {
    return with_url(
        failure, ErrorKind::invalid,
        fmt::format("the proxy's URL, which is not shown here, cannot be used: {}", kProxyVariables));
  }
  if (failure.code == CURLE_COULDNT_RESOLVE_PROXY) {
    return with_url(
        failure, ErrorKind::transient,
        fmt::format("the proxy's host name cannot be resolved ({}): {}, and this machine's network and DNS",
                    detail, kProxyVariables));
  }
  if (is_proxy_unreachable(failure)) {
    return with_url(failure, ErrorKind::transient,
                    fmt::format("cannot connect to the proxy ({}): {}", detail, kProxyVariables));
  }
  return with_url(failure, ErrorKind::transient,
                  fmt::format("cannot connect to {} ({})", failure.url.host_and_port(), detail));
}

Error classify_break(const CurlFailure& failure) {
  // What a server that expects TLS does with a request in the clear.
  const bool perhaps_tls = failure.url.scheme == "http" && failure.received == 0;
  return with_url(
      failure, ErrorKind::transient,
      fmt::format("server closed the connection after {} bytes ({}){}", failure.received, detail_of(failure),
                  perhaps_tls ? "; if it expects TLS, the URL must begin with https://" : ""));
}

Error classify_handshake(const CurlFailure& failure) {
  // OpenSSL: SSL_R_WRONG_VERSION_NUMBER and SSL_R_HTTP_REQUEST; libcurl gives their texts only.
  const bool no_tls = failure.detail.find("wrong version number") != std::string::npos ||
                      failure.detail.find("http request") != std::string::npos;
  if (!no_tls) {
    return with_url(failure, ErrorKind::transient,
                    fmt::format("the TLS connection failed ({})", detail_of(failure)));
  }
  return with_url(failure, ErrorKind::invalid,
                  fmt::format("the server does not speak TLS on this port ({}): check the port; a server "
                              "without TLS has a URL that begins with http://",
                              detail_of(failure)));
}

}  // namespace

Error proxy_refusal(const Url& url, long status) {
  constexpr int kUnauthorized = 401;  // tinyproxy's answer to a wrong password
  constexpr int kRequestTimeout = 408;
  constexpr int kTooManyRequests = 429;
  const bool wants_password = status == kProxyAuthenticationRequired || status == kUnauthorized;
  const bool for_a_moment = status >= 500 || status == kRequestTimeout || status == kTooManyRequests;
  return {
      for_a_moment ? ErrorKind::transient : ErrorKind::invalid,
      fmt::format("{}: the proxy refused to connect (status {}): {}{}", url.without_query(), status,
                  wants_password ? "it wants a user and a password, http://USER:PASSWORD@HOST:PORT; " : "",
                  kProxyVariables)};
}

Error classify_curl_error(const CurlFailure& failure) {
  const std::string detail = detail_of(failure);
  // Which code goes with a tunnel that was refused depends on libcurl's version.
  if (failure.proxy_status >= 400) return proxy_refusal(failure.url, failure.proxy_status);
  switch (failure.code) {
    case CURLE_COULDNT_RESOLVE_HOST:
      return with_url(
          failure, ErrorKind::transient,
          fmt::format("the host name {} cannot be resolved ({}): {}", failure.url.host, detail, kLookUp));
    case CURLE_COULDNT_RESOLVE_PROXY:
    case CURLE_COULDNT_CONNECT:
      return classify_no_connection(failure);
    case CURLE_PROXY:  // a SOCKS proxy's failure to connect or to look a name up
      return with_url(failure, ErrorKind::transient,
                      fmt::format("the proxy failed ({}): {}", detail, kProxyVariables));
    case CURLE_SSL_CONNECT_ERROR:
      return classify_handshake(failure);
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
      return unusable_file(failure);
    case CURLE_SSL_CERTPROBLEM:
      // What libcurl says of with_system_bundle()'s text: no client certificate is ever given.
      if (failure.detail.find("CA certificate blob") != std::string::npos) return unusable_file(failure);
      [[fallthrough]];
    case CURLE_SSL_CLIENTCERT:
      return with_url(
          failure, ErrorKind::invalid,
          fmt::format("the server wants a client certificate, which is not supported ({})", detail));
    case CURLE_BAD_CONTENT_ENCODING:  // damaged on the way, or labelled so by a gateway
      return with_url(
          failure, ErrorKind::transient,
          fmt::format("the answer cannot be unpacked after {} bytes ({})", failure.received, detail));
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_WEIRD_SERVER_REPLY:
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
