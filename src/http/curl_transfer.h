// One request and its answer on a libcurl handle; nothing is followed, nothing tried again.
#pragma once

#include <curl/curl.h>

#include <memory>
#include <stop_token>
#include <string_view>

#include "http/curl_options.h"
#include "http/http_client.h"

namespace hubkeep {

struct CurlHandleDeleter {
  void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
};
using CurlHandle = std::unique_ptr<CURL, CurlHandleDeleter>;

/// What the transfers of a client share.
struct TransferSetup {
  const CurlOptions& options;
  std::string_view certificates;  // that are trusted, in PEM; empty: what options.authorities says
};

/// Sends `request` with all of its headers. Result and errors as HttpClient::send gives them. The handle,
/// with its open connections, is there afterwards only where libcurl calls the transfer good: not after an
/// Error, and not where the body of a refusal was cut short.
HttpResponse transfer(CurlHandle& handle, const TransferSetup& setup, const HttpRequest& request,
                      ByteSink* body, const std::stop_token& stop);

}  // namespace hubkeep
