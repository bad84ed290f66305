// A small table that is written anew each time, as the catalog and the state are: JSON lines that cannot be
// changed, cut or lost unseen. docs/storage-format.md, "Sealed lines".
#pragma once

#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "base/byte_sink.h"
#include "base/zstd.h"
#include "crypto/hash.h"
#include "store/object_store.h"
#include "vault/lines.h"

namespace hubkeep {

/// Some hundred bytes a repository: half a million of them.
constexpr LineLimits kSealedLimits{.line = ByteCount{16} << 20, .total = ByteCount{512} << 20};

/// Makes the stored bytes: a zstd frame of lines, the last of which has their number and SHA-256; and a
/// skippable frame with the SHA-256 of the frame before it. Without that, a few bits of a frame can change
/// and decode to the same lines.
class SealedLinesWriter {
 public:
  /// `what`: as read_sealed_lines() is told.
  explicit SealedLinesWriter(std::string what) : budget_(std::move(what), kSealedLimits) {}
  /// Throws Error(invalid) past what read_sealed_lines() takes.
  void add(const nlohmann::ordered_json& line);
  /// Called once, last.
  std::string finish();

 private:
  LineBudget budget_;
  StringSink stored_{kMaxReadWhole};
  ZstdCompressor compressor_{stored_};
  Hasher hasher_{HashKind::sha256};
  std::size_t count_ = 0;
};

/// `frame` with the skippable frame behind it.
std::string seal(std::string frame);

/// Hands each line but the last to `visit`. Throws Error(corrupt), its message beginning with `what`
/// ("catalog"), unless the stored bytes are whole: both frames, lines, count, hash; also for what `visit`
/// throws of nlohmann::json's exceptions.
void read_sealed_lines(std::string_view what, std::string_view stored,
                       const std::function<void(const nlohmann::ordered_json& line)>& visit);

}  // namespace hubkeep
