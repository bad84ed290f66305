// The buffers in which one writer collects its parts. The first belongs to the writer's job; all that is more
// comes from what is left of the budget, and is never waited for.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/memory_budget.h"

namespace hubkeep {

struct PartBuffer {
  std::string bytes;
  ByteCount limit = 0;  // of bytes
  std::vector<MemoryBudget::Lease> leases;

  bool full() const { return bytes.size() >= limit; }
  /// Takes what fits of `more` and removes it there. `to_come`: of the object from there on, with `more`, as
  /// far as anybody knows; no memory is taken for bytes beyond it.
  void fill(std::string_view& more, ByteCount to_come);
};

/// Lets `buffer` hold `wished` bytes if `memory` has the rest; else it stays as it is. `memory` may be null.
void grow(PartBuffer& buffer, ByteCount wished, MemoryBudget* memory);

/// A further buffer, if `memory` has room.
std::optional<PartBuffer> try_buffer(ByteCount size, MemoryBudget* memory);

}  // namespace hubkeep
