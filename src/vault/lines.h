// Lists that may be long are lines, compressed, and read and written as streams: nothing is held whole but a
// line.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "base/byte_sink.h"
#include "base/zstd.h"

namespace hubkeep {

/// What a list may have, decompressed: a few bytes of zstd can be any number of lines. Who writes one keeps
/// to the limits with which it is read.
struct LineLimits {
  ByteCount line = ByteCount{16} << 20;
  ByteCount total = ByteCount{1} << 30;
};

/// Counts what is written of a list. Throws Error(invalid) past `limits`: nobody could read it again.
class LineBudget {
 public:
  LineBudget(std::string what, const LineLimits& limits) : what_(std::move(what)), limits_(limits) {}
  /// `size`: of a line, with its line feed.
  void spend(ByteCount size);

 private:
  const std::string what_;
  const LineLimits limits_;
  ByteCount total_ = 0;
};

/// Hands on each line without its line feed. Throws Error(corrupt) past `limits`; `finish()` does for a last
/// line without a line feed.
class LineSplitter final : public ByteSink {
 public:
  LineSplitter(std::function<void(std::string_view)> visit, const LineLimits& limits)
      : visit_(std::move(visit)), limits_(limits) {}
  void write(std::string_view bytes) override;
  void finish() const;

 private:
  std::function<void(std::string_view)> visit_;
  const LineLimits limits_;
  std::string pending_;
  ByteCount total_ = 0;
};

/// zstd → lines.
class CompressedLineReader final : public ByteSink {
 public:
  explicit CompressedLineReader(std::function<void(std::string_view)> visit, const LineLimits& limits = {})
      : splitter_(std::move(visit), limits), decompressor_(splitter_) {}
  void write(std::string_view bytes) override { decompressor_.write(bytes); }
  void finish() {
    decompressor_.finish();
    splitter_.finish();
  }

 private:
  LineSplitter splitter_;
  ZstdDecompressor decompressor_;
};

}  // namespace hubkeep
