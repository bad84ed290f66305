// What a request under /{owner}/{name}.git/ asks for, read from its path and from its pkt-lines.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/http_message.h"
#include "sim/request_log.h"

namespace hubkeep::sim {

struct GitRequest {
  std::string owner;
  std::string name;     // without ".git"
  std::string service;  // "git-upload-pack" or "git-receive-pack"
  std::string rest;     // "info/refs" or the service's name
  GitCommand command = GitCommand::none;
  std::size_t wants = 0;
  std::size_t haves = 0;
  bool has_depth = false;
  bool has_filter = false;
};

/// Nothing for a path that is none of git's.
std::optional<GitRequest> parse_git_request(const HttpRequest& request);

/// What the body of a version 2 fetch asks for and says is at hand, as it writes them.
struct FetchedObjects {
  std::vector<std::string> wants;
  std::vector<std::string> haves;
};
FetchedObjects fetch_in(std::string_view body);

}  // namespace hubkeep::sim
