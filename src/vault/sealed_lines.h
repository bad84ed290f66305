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

namespace hubkeep {

/// Makes the stored bytes: a zstd frame of lines, the last of which has their number and SHA-256; and a
/// skippable frame with the SHA-256 of the frame before it. Without that, a few bits of a frame can change
/// and decode to the same lines.
class SealedLinesWriter {
 public:
  void add(const nlohmann::ordered_json& line);
  /// Called once, last.
  std::string finish();

 private:
  StringSink stored_{~ByteCount{0}};
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
