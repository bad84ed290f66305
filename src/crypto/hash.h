// Hashes of byte streams.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/byte_sink.h"

namespace hubkeep {

enum class HashKind { sha1, sha256 };

/// Plain SHA-1, without collision detection: it checks what GitHub sent, and GitHub refuses colliding
/// objects.
class Hasher final : public ByteSink {
 public:
  explicit Hasher(HashKind kind);
  ~Hasher() override;
  void write(std::string_view bytes) override;
  /// The raw digest of all that was written. Called once, last.
  std::string finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

std::string sha256_hex(std::string_view bytes);

}  // namespace hubkeep
