// The HTTP client that is used: libcurl.
#pragma once

#include <memory>

#include "http/curl_options.h"
#include "http/http_client.h"

namespace hubkeep {

/// Proxies are taken from the environment as curl does (https_proxy, http_proxy, all_proxy, no_proxy).
std::unique_ptr<HttpClient> make_curl_client(CurlOptions options);

}  // namespace hubkeep
