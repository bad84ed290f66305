// Whether a backup proves what it saves, and what that may take.
#pragma once

#include "base/byte_count.h"
#include "base/memory_budget.h"

namespace hubkeep {

/// Of each job, for its indexer: enough for twenty thousand objects.
constexpr ByteCount kIndexingShare = ByteCount{10} << 20;

struct ProofOptions {
  bool is_wanted = false;
  MemoryBudget* memory = nullptr;  // for what goes beyond kIndexingShare; nothing: there is no more
};

}  // namespace hubkeep
