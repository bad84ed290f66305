// The HTTP library, behind a handler from HttpRequest to HttpResponse. The only file that knows which
// library.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include "sim/http_message.h"

namespace hubkeep::sim {

struct HttpServerOptions {
  std::string bind_address = "127.0.0.1";
  int port = 0;
  std::filesystem::path certificate;
  std::filesystem::path key;
};

/// Called in many threads at once.
using HttpHandler = std::function<HttpResponse(HttpRequest)>;

class HttpServer {
 public:
  /// Listens at once. Throws Error(internal) when it cannot.
  HttpServer(const HttpServerOptions& options, HttpHandler handler);
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;
  /// Breaks all connections and waits for the handlers.
  ~HttpServer();

  int port() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace hubkeep::sim
