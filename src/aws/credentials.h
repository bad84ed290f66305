// Who signs: a pair of keys that AWS gave out, and where to get the next pair.
#pragma once

#include <optional>
#include <stop_token>
#include <string>

#include "base/clock.h"
#include "base/secret.h"

namespace hubkeep {

struct Credentials {
  std::string access_key_id;
  Secret secret_access_key;
  Secret session_token;               // empty for long-lived keys
  std::optional<UtcTime> expires_at;  // nothing: they do not expire
};

/// Thread-safe.
class CredentialsProvider {
 public:
  CredentialsProvider() = default;
  CredentialsProvider(const CredentialsProvider&) = delete;
  CredentialsProvider& operator=(const CredentialsProvider&) = delete;
  virtual ~CredentialsProvider() = default;

  /// Credentials that are valid now; renewed before they expire. Throws Error: unauthorized or forbidden when
  /// nobody gives any (the message names every source and why it did not), invalid for settings that cannot
  /// work, transient when the source did not answer, cancelled.
  virtual Credentials get(const std::stop_token& stop) = 0;

  /// The server refused `refused` as expired or unknown: the next get() asks the source again, unless another
  /// thread already brought newer ones.
  virtual void invalidate(const Credentials& refused) = 0;
};

}  // namespace hubkeep
