// Hashes of byte streams.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/byte_sink.h"

namespace hubkeep {

enum class HashKind { md5, sha1, sha256 };

/// MD5 is for what S3 calls an ETag, a guard against accidents only. Plain SHA-1, without collision
/// detection: it checks what GitHub sent, and GitHub refuses colliding objects.
class Hasher final : public ByteSink {
 public:
  explicit Hasher(HashKind kind);
  ~Hasher() override;
  void write(std::string_view bytes) override;
  /// The raw digest of all that was written. Called once, last, or before restart().
  std::string finish();
  /// As if nothing had been written. Cheaper than a new one.
  void restart();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

std::string sha256_hex(std::string_view bytes);

/// Nothing where OpenSSL has no MD5, as on hosts in FIPS mode.
std::optional<std::string> md5_hex(std::string_view bytes);

/// The raw HMAC-SHA-256 (RFC 2104).
std::string hmac_sha256(std::string_view key, std::string_view message);

}  // namespace hubkeep
