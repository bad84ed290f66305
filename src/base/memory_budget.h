// One budget for all large buffers of a run. A job takes its share before it starts and holds it to its end;
// what it takes on top it only tries for. So no job waits for memory while it holds some: there is no circle
// to wait in.
#pragma once

#include <condition_variable>
#include <mutex>
#include <optional>
#include <stop_token>

#include "base/byte_sink.h"

namespace hubkeep {

/// Thread-safe. Outlives its leases.
class MemoryBudget {
 public:
  explicit MemoryBudget(ByteCount total) : total_(total), free_(total) {}

  class Lease {
   public:
    Lease(MemoryBudget& budget, ByteCount size) : budget_(&budget), size_(size) {}
    Lease(Lease&& other) noexcept : budget_(other.budget_), size_(other.size_) { other.budget_ = nullptr; }
    Lease& operator=(Lease&&) = delete;
    ~Lease() {
      if (budget_ != nullptr) budget_->give_back(size_);
    }
    ByteCount size() const { return size_; }

   private:
    MemoryBudget* budget_;
    ByteCount size_;
  };

  /// Blocks until `size` bytes are free. Throws Error(invalid) when the whole budget is smaller,
  /// Error(cancelled) on `stop`.
  Lease acquire(ByteCount size, const std::stop_token& stop);
  /// `size` bytes when they are free now and nobody waits for them, else nothing.
  std::optional<Lease> try_acquire(ByteCount size);
  ByteCount total() const { return total_; }

 private:
  void give_back(ByteCount size);

  const ByteCount total_;
  std::mutex mutex_;
  std::condition_variable_any freed_;
  ByteCount free_;   // guarded by mutex_
  int waiting_ = 0;  // guarded by mutex_
};

}  // namespace hubkeep
