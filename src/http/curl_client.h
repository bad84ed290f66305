// The HTTP client that is used: libcurl.
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "http/http_client.h"

namespace hubkeep {

struct CurlOptions {
  std::string user_agent;
  /// PEM file of certificate authorities, as curl's --cacert: in place of the system's bundle. Empty: the
  /// system's.
  std::string ca_file;
  std::chrono::seconds connect_timeout{30};
  std::chrono::seconds stall_timeout{600};  // see StallWatch; 0: waits for ever
  bool use_proxy = true;                    // off for addresses of this machine's own link
};

/// Proxies are taken from the environment as curl does (https_proxy, http_proxy, all_proxy, no_proxy).
std::unique_ptr<HttpClient> make_curl_client(CurlOptions options);

}  // namespace hubkeep
