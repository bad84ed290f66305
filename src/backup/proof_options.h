// Whether a backup proves what it saves, and what that may take.
#pragma once

#include <algorithm>

#include "base/byte_count.h"
#include "base/memory_budget.h"

namespace hubkeep {

/// Of each job, for its indexer: enough for twenty thousand objects.
constexpr ByteCount kIndexingShare = ByteCount{10} << 20;

struct ProofOptions {
  bool is_wanted = false;
  MemoryBudget* memory = nullptr;  // for what goes beyond kIndexingShare; nothing: there is no more
};

/// Of what is read of bundles piece by piece. A few bytes of a thin pack may need a base of any size: each
/// job gets its part, and an indexer with less memory could not take it in.
inline ByteCount largest_object_read(const ProofOptions& options) {
  return std::max(kIndexingShare, options.memory == nullptr ? 0 : options.memory->total() / 8);
}

}  // namespace hubkeep
