// Gists on the simulated GitHub: a few files in a git repository of their own, with comments.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"

namespace hubkeep::sim {

using GistCommentId = std::int64_t;

struct GistComment {
  GistCommentId id = 0;
  std::string user;  // a login
  std::string body;
  UtcTime created_at{};
  UtcTime updated_at{};
};

struct Gist {
  std::string id;  // 32 hexadecimal digits
  std::string owner;
  std::optional<std::string> description;
  bool is_public = true;  // else in no list but its owner's; whoever knows the id may read it
  std::map<std::string, std::string> files;  // what the repository's HEAD has, by name
  std::vector<GistComment> comments;         // oldest first
  UtcTime created_at{};
  UtcTime updated_at{};  // comments do not move it
  std::filesystem::path path;
};

/// What the lists of gists show a token. GitHub decides it by scope and kind: see gist_access_of().
enum class GistAccess { refused, public_ones, all };

}  // namespace hubkeep::sim
