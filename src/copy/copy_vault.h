// Copies a vault, or some of its repositories, into another one.
#pragma once

#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "base/memory_budget.h"
#include "copy/copy_outcome.h"
#include "copy/copy_repository.h"
#include "copy/copy_zips.h"

namespace hubkeep {

struct CopyOptions {
  std::vector<std::string>
      repositories;  // as a user names them; none: all, and the reports of runs and drills
  std::size_t jobs = 1;
};

struct CopySummary {
  std::vector<CopyOutcome> outcomes;  // as they were finished
  ZipCopy zips;
  std::size_t reports = 0;            // of runs and drills, copied
  std::vector<std::string> problems;  // beside those of repositories
  bool stopped = false;               // before all was copied

  bool is_good() const;
};

/// Only what is missing; see copy_repository(). Throws Error: what find_repository() throws, and what keeps
/// it from copying anything.
CopySummary copy_vault(const CopyContext& context, const CopyOptions& options, MemoryBudget& memory,
                       const std::stop_token& stop);

}  // namespace hubkeep
