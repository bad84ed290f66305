// How long something takes: finer than a Clock's seconds, and by a clock that nobody sets.
#pragma once

#include <chrono>

namespace hubkeep {

/// Since some moment; differences alone mean something.
inline std::chrono::milliseconds steady_time() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(
      std::chrono::steady_clock::now().time_since_epoch());
}

}  // namespace hubkeep
