// libcurl's error codes become hubkeep's errors here and nowhere else.
#pragma once

#include <curl/curl.h>

#include <string>

#include "base/byte_sink.h"
#include "base/error.h"
#include "http/authorities.h"
#include "http/url.h"

namespace hubkeep {

/// The one status that is always the proxy's.
constexpr int kProxyAuthenticationRequired = 407;

/// What is known about a transfer that failed.
struct CurlFailure {
  CURLcode code = CURLE_OK;
  std::string detail;       // the text of CURLOPT_ERRORBUFFER; may be empty
  Url url;                  // what was asked for
  ByteCount received = 0;   // bytes of the body
  long verify_result = 0;   // CURLINFO_SSL_VERIFYRESULT: an X509_V_ERR_ number of OpenSSL, 0 when none
  long proxy_status = 0;    // CURLINFO_HTTP_CONNECTCODE: what the proxy said, 0 when there is none
  Authorities authorities;  // as configured
};

/// The message begins with the URL, without its query, and says what to do where the user can do something.
/// transient: network, names and server; invalid: certificates, CA file, no TLS, proxy that refuses or is no
/// URL; corrupt: not HTTP; else internal.
Error classify_curl_error(const CurlFailure& failure);

/// The proxy, not the server, has answered with `status`.
Error proxy_refusal(const Url& url, long status);

}  // namespace hubkeep
