// What reading piece by piece may cost: each piece is a request to a store. Shared by all sources of a task.
#pragma once

#include <atomic>
#include <cstdint>
#include <limits>

#include "base/byte_count.h"

namespace hubkeep {

/// Thread-safe.
class ReadBudget {
 public:
  struct Limits {
    std::uint64_t requests = std::numeric_limits<std::uint64_t>::max();
    ByteCount bytes = std::numeric_limits<ByteCount>::max();
  };

  ReadBudget() = default;
  explicit ReadBudget(const Limits& limits) : limits_(limits) {}

  /// One request, before it is sent. Throws Error(invalid) past a limit; was_exceeded() then.
  void take(ByteCount bytes);
  /// So many bytes more. Not while others take.
  void allow(ByteCount bytes) {
    limits_.bytes += bytes;
    exceeded_ = false;
  }

  std::uint64_t requests() const { return requests_; }
  ByteCount bytes() const { return bytes_; }
  bool was_exceeded() const { return exceeded_; }

 private:
  Limits limits_ = {};
  std::atomic<std::uint64_t> requests_ = 0;
  std::atomic<ByteCount> bytes_ = 0;
  std::atomic<bool> exceeded_ = false;
};

}  // namespace hubkeep
