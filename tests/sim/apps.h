// GitHub Apps on the simulated GitHub, and the tokens with which they prove who they are.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace hubkeep::sim {

using RepositoryId = std::int64_t;
using InstallationId = std::int64_t;
/// "read" or "write" by name, as GitHub's API calls them: "issues", "repository_hooks".
using Permissions = std::map<std::string, std::string>;

struct App {
  std::int64_t id = 0;
  std::string client_id;
  std::string slug = "keeper";
  std::string owner;       // a login
  std::string public_key;  // PEM
};

struct Installation {
  InstallationId id = 0;
  std::int64_t app = 0;
  std::string account;                                 // a login
  std::optional<std::set<RepositoryId>> repositories;  // nothing: all of the account
  std::optional<Permissions> permissions;              // nothing: all
  bool suspended = false;
  UtcTime created_at{};
};

/// The claims of a JSON Web Token.
struct AppClaims {
  std::string issuer;
  std::int64_t issued_at = 0;
  std::int64_t expires_at = 0;
};

/// Nothing for a text that is none.
std::optional<AppClaims> read_claims(const std::string& token);
/// Whether it is signed (RS256) with the private key that belongs to `public_key`.
bool is_signed_with(const std::string& token, const std::string& public_key);

}  // namespace hubkeep::sim
