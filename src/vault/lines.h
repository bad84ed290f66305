// Lists that may be long are lines, compressed, and read and written as streams: nothing is held whole but a
// line.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "base/byte_sink.h"
#include "base/zstd.h"

namespace hubkeep {

/// Hands on each line without its line feed. `finish()` throws Error(corrupt) for a last line without one.
class LineSplitter final : public ByteSink {
 public:
  explicit LineSplitter(std::function<void(std::string_view)> visit) : visit_(std::move(visit)) {}
  void write(std::string_view bytes) override;
  void finish() const;

 private:
  std::function<void(std::string_view)> visit_;
  std::string pending_;
};

/// zstd → lines.
class CompressedLineReader final : public ByteSink {
 public:
  explicit CompressedLineReader(std::function<void(std::string_view)> visit)
      : splitter_(std::move(visit)), decompressor_(splitter_) {}
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
