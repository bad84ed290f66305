// nginx before the simulator: it serves the API by proxy, and git by fcgiwrap and the real `git
// http-backend`, to those who show the token.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "sim/server_program.h"

namespace hubkeep {

struct WebServerOptions {
  std::filesystem::path folder;        // for its files; created
  std::filesystem::path repositories;  // OWNER/NAME.git below
  int api_port = 0;
  std::string token;
};

struct WebRequest {
  std::string connection;  // the same for requests that shared one
  int status = 0;
  std::uint64_t size = 0;  // of the request, with its headers
  std::string encoding;    // Content-Encoding of the request
  std::string line;        // "POST /octo/site.git/git-upload-pack HTTP/1.1"
};

class WebServer {
 public:
  /// What it needs and is not there; empty when all is.
  static std::string missing_programs();

  explicit WebServer(const WebServerOptions& options);

  std::string origin() const;
  /// Those answered so far, in order.
  std::vector<WebRequest> requests() const;

 private:
  const std::filesystem::path folder_;
  const int port_;
  std::optional<sim::ServerProgram> git_;
  std::optional<sim::ServerProgram> nginx_;
};

}  // namespace hubkeep
