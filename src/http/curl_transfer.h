// One request and its answer on a libcurl handle; nothing is followed, nothing tried again.
#pragma once

#include <curl/curl.h>

#include <memory>
#include <stop_token>

#include "http/curl_client.h"
#include "http/http_client.h"

namespace hubkeep {

struct CurlHandleDeleter {
  void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
};
using CurlHandle = std::unique_ptr<CURL, CurlHandleDeleter>;

/// Sends `request` with all of its headers. Result and errors as HttpClient::send gives them. The handle may
/// be used again after success and failure; its open connections stay with it.
HttpResponse transfer(CURL* handle, const CurlOptions& options, const HttpRequest& request, ByteSink* body,
                      const std::stop_token& stop);

}  // namespace hubkeep
