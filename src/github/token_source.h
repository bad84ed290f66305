// Where requests get their token from: asked anew for each, so that a token that is renewed in the middle of
// a run reaches the next request of whoever sends one, REST or git.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>

#include "base/secret.h"
#include "github/github.h"

namespace hubkeep {

/// What a token speaks for; messages depend on it.
enum class TokenKind {
  personal,      // a user, or whatever the user has set
  installation,  // a GitHub App where it is installed
  app            // a GitHub App itself, which is signed with its key
};

/// Thread-safe.
class TokenSource {
 public:
  TokenSource() = default;
  TokenSource(const TokenSource&) = delete;
  TokenSource& operator=(const TokenSource&) = delete;
  virtual ~TokenSource() = default;

  virtual TokenKind kind() const = 0;
  /// Whether token() gives one or throws.
  virtual bool has_token() const = 0;
  /// For messages: "TOKEN_GITHUB", "GitHub App 12345"; empty without a token.
  virtual std::string origin() const = 0;

  /// What the next request is to carry; empty: nothing. May ask GitHub for it. Throws Error as RestClient
  /// does, but never not_found or forbidden, which would be about what the request asks for.
  virtual Secret token(const std::stop_token& stop) = 0;
  /// GitHub has answered 401 to `refused`. True when token() now gives another one (or throws): try once
  /// more.
  virtual bool replaces(const Secret& refused) = 0;

  /// The account on which the App is installed; nothing for tokens of users. Throws as token() does.
  virtual std::optional<User> installation_account(const std::stop_token& stop) = 0;
  /// What it has sent itself so far.
  virtual std::uint64_t request_count() const = 0;
};

/// A token that is what it is; empty: requests go without.
std::shared_ptr<TokenSource> fixed_token(Secret token);

}  // namespace hubkeep
