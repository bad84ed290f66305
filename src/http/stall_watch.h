// Whether a transfer gets on. A server that only keeps a connection alive, with a few bytes now and then,
// would hold it for ever: what counts is payload, and how much of it comes in a given time. Pure.
#pragma once

#include <chrono>

#include "base/byte_sink.h"

namespace hubkeep {

class StallWatch {
 public:
  using Time = std::chrono::steady_clock::time_point;
  using Duration = std::chrono::steady_clock::duration;

  /// So much must come or go within the time: less than a modem carries in a second, more than a byte every
  /// few seconds.
  static constexpr ByteCount kLeastPayload = 1024;

  /// `timeout` of zero: nothing ever stalls.
  StallWatch(Duration timeout, Time now) : timeout_(timeout), since_(now) {}

  /// `payload` is all that has come and gone since the beginning.
  bool is_stalled(ByteCount payload, Time now);
  /// Time that was spent on our side does not count.
  void excuse(Duration time) { since_ += time; }

 private:
  Duration timeout_;
  Time since_;  // when the payload was last so much larger
  ByteCount payload_ = 0;
};

}  // namespace hubkeep
