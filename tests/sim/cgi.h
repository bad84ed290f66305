// Runs `git http-backend` for one request (RFC 3875). Its answer is streamed; the request's body lies in a
// file in memory, so neither side can wait for the other.
#pragma once

#include <filesystem>
#include <string>

#include "sim/http_message.h"

namespace hubkeep::sim {

struct CgiRequest {
  std::filesystem::path repository;  // the bare repository
  std::string path;                  // below it: "info/refs", "git-upload-pack", …
  std::filesystem::path home;        // readable; holds the configuration that the program runs with
  std::string user;                  // "" for anonymous
  bool filters = true;               // which git does not announce unless it is told to
};

/// The program is killed when the answer's stream is dropped before its end.
HttpResponse run_http_backend(const CgiRequest& cgi, const HttpRequest& request);

}  // namespace hubkeep::sim
