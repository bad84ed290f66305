// What one job of a backup may use: how much memory, and for how long.
#pragma once

#include <stop_token>

#include "base/byte_count.h"

namespace hubkeep {

/// Beside the store's buffer: libcurl's, the queue before the pack scanner and its window, a request body.
constexpr ByteCount kBackupJobMemory = ByteCount{3} << 20;

/// When to stop.
struct StopTokens {
  std::stop_token stop = {};       // what is under way ends
  std::stop_token last_call = {};  // what is under way goes on, nothing is begun

  bool is_stopping() const { return stop.stop_requested() || last_call.stop_requested(); }
};

}  // namespace hubkeep
