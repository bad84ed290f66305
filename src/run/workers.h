// Gives a run's items to workers: threads that share one budget of memory.
#pragma once

#include <functional>
#include <stop_token>
#include <vector>

#include "backup/job.h"
#include "backup/zip_backup.h"
#include "base/memory_budget.h"
#include "run/work_item.h"

namespace hubkeep {

struct WorkOptions {
  int jobs = 8;
  StopTokens stops = {};
  RunContents contents = {};
  std::string day = {};     // of the run, as in zip_day(); only zips need it
  bool may_spread = false;  // other workers can fetch shares of large sets; see WorkItem::shares
};

using ResultVisitor = std::function<void(const WorkItem& item, RepositoryResult result)>;

/// Does all items and hands their results on, one after the other, from any thread. One item's failure is its
/// result, never an Error. The observer is told of what was begun and finished.
void work_through(const BackupContext& context, MemoryBudget& memory, const WorkOptions& options,
                  const std::vector<WorkItem>& items, const ResultVisitor& visit);

}  // namespace hubkeep
