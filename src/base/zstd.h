// zstd streams as byte sinks. Every frame that is written carries its content checksum, which libzstd leaves
// out unless told; without it most flipped bits decode to other bytes and nobody notices.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/byte_sink.h"

namespace hubkeep {

/// Compresses what is written into `next`; `finish()` ends the frame and must be called. Owns nothing but its
/// state.
class ZstdCompressor final : public ByteSink {
 public:
  explicit ZstdCompressor(ByteSink& next);
  ~ZstdCompressor() override;
  void write(std::string_view bytes) override;
  void finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// Decompresses what is written into `next`. Throws Error(corrupt) for anything but one whole frame with a
/// content checksum; `finish()` reports a frame that was cut.
class ZstdDecompressor final : public ByteSink {
 public:
  explicit ZstdDecompressor(ByteSink& next);
  ~ZstdDecompressor() override;
  void write(std::string_view bytes) override;
  void finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

std::string zstd_compress(std::string_view bytes);
/// Throws Error(corrupt), also when the result would be larger than `limit`.
std::string zstd_decompress(std::string_view bytes, ByteCount limit = ByteCount{64} << 20);

}  // namespace hubkeep
