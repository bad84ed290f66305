// A counter under a lock. Jobs wait for their own memory with acquire(); what is only nice to have is asked
// for with try_acquire(), which gives nothing while a job waits. Else uploads that grow would keep a job from
// ever beginning (MemoryBudget.GivesMoreOnlyWhereItIsFree).
#include "base/memory_budget.h"

#include <fmt/format.h>

#include "base/error.h"
#include "base/text.h"

namespace hubkeep {

MemoryBudget::Lease MemoryBudget::acquire(ByteCount size, const std::stop_token& stop) {
  if (size > total_) {
    throw Error(ErrorKind::invalid,
                fmt::format("a job needs {} of memory and --memory allows {}: raise --memory",
                            human_size(size), human_size(total_)));
  }
  std::unique_lock lock(mutex_);
  ++waiting_;
  const bool enough = freed_.wait(lock, stop, [&] { return free_ >= size; });
  --waiting_;
  if (!enough) throw Error(ErrorKind::cancelled, "stopped while waiting for memory");
  free_ -= size;
  return {*this, size};
}

std::optional<MemoryBudget::Lease> MemoryBudget::try_acquire(ByteCount size) {
  const std::scoped_lock lock(mutex_);
  if (waiting_ > 0 || free_ < size) return std::nullopt;
  free_ -= size;
  return Lease(*this, size);
}

void MemoryBudget::give_back(ByteCount size) {
  {
    const std::scoped_lock lock(mutex_);
    free_ += size;
  }
  freed_.notify_all();
}

}  // namespace hubkeep
