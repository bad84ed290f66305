// Lets the next sink work on a thread of its own, while the caller goes on to receive: a bounded queue of
// chunks lies between the two, and a full one makes write() wait.
#pragma once

#include <memory>

#include "base/byte_sink.h"

namespace hubkeep {

/// Copies what is written. One caller; `next` is used by the other thread only, and must outlive this. What
/// `next` throws comes out of a later write() or of finish(). Destroyed without finish(), it drops what is
/// still queued.
class BackgroundSink final : public ByteSink {
 public:
  explicit BackgroundSink(ByteSink& next);
  ~BackgroundSink() override;

  void write(std::string_view bytes) override;
  /// Returns when `next` has seen every byte; nothing may be written after it.
  void finish();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace hubkeep
