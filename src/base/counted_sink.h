// Passes bytes on, and tells how many the next sink has taken.
#pragma once

#include <functional>
#include <utility>

#include "base/byte_sink.h"

namespace hubkeep {

class CountedSink final : public ByteSink {
 public:
  /// `count` is called after each write that `next` has accepted; it may be empty. Keeps a pointer to `next`.
  CountedSink(ByteSink& next, std::function<void(ByteCount)> count) : next_(next), count_(std::move(count)) {}
  void write(std::string_view bytes) override {
    next_.write(bytes);
    if (count_) count_(bytes.size());
  }

 private:
  ByteSink& next_;
  const std::function<void(ByteCount)> count_;
};

}  // namespace hubkeep
