// gzip, for request bodies (RFC 1952).
#pragma once

#include <memory>
#include <string>

#include "base/byte_sink.h"

namespace hubkeep {

/// Compresses what is written onto the end of `out`; `finish()` ends it and must be called.
class GzipCompressor final : public ByteSink {
 public:
  explicit GzipCompressor(std::string& out);
  ~GzipCompressor() override;
  void write(std::string_view bytes) override;
  void finish();

 private:
  struct State;
  void deflate_into(std::string_view bytes, int flush);

  std::unique_ptr<State> state_;
  std::string& out_;
};

}  // namespace hubkeep
