// Bytes are pushed through small sinks, each of which takes the next one in its constructor.
// A run of bytes is a std::string_view everywhere, text or not; libraries that want unsigned char cast at
// their border.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "base/byte_count.h"

namespace hubkeep {

class ByteSink {
 public:
  ByteSink() = default;
  ByteSink(const ByteSink&) = delete;
  ByteSink& operator=(const ByteSink&) = delete;
  virtual ~ByteSink() = default;

  /// Takes `bytes`, which are valid for this call only and may be cut anywhere. Throws Error.
  virtual void write(std::string_view bytes) = 0;
};

/// Keeps everything in memory; throws Error(corrupt) past `limit` bytes, so that no server can fill it. The
/// message begins with `what` that is: "the list of refs".
class StringSink final : public ByteSink {
 public:
  explicit StringSink(ByteCount limit = ByteCount{64} << 20, std::string what = "what comes")
      : limit_(limit), what_(std::move(what)) {}
  void write(std::string_view bytes) override;
  const std::string& str() const { return bytes_; }
  std::string take() { return std::move(bytes_); }

 private:
  ByteCount limit_;
  std::string what_;
  std::string bytes_;
};

/// Hands every byte to both sinks, first to `first`. Owns neither.
class TeeSink final : public ByteSink {
 public:
  TeeSink(ByteSink& first, ByteSink& second) : first_(first), second_(second) {}
  void write(std::string_view bytes) override {
    first_.write(bytes);
    second_.write(bytes);
  }

 private:
  ByteSink& first_;
  ByteSink& second_;
};

}  // namespace hubkeep
