// The pack of a bundle that is read as a whole, without what stands before it.
#pragma once

#include <algorithm>

#include "base/byte_sink.h"

namespace hubkeep {

/// Keeps a reference to `next`.
class AfterHeader final : public ByteSink {
 public:
  AfterHeader(ByteCount header, ByteSink& next) : left_(header), next_(next) {}
  void write(std::string_view bytes) override {
    const auto skipped = static_cast<std::size_t>(std::min<ByteCount>(left_, bytes.size()));
    left_ -= skipped;
    if (skipped < bytes.size()) next_.write(bytes.substr(skipped));
  }

 private:
  ByteCount left_;
  ByteSink& next_;
};

}  // namespace hubkeep
