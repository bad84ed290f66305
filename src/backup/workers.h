// Gives a run's items to workers: threads that share one budget of memory.
#pragma once

#include <functional>
#include <stop_token>
#include <vector>

#include "backup/work_item.h"
#include "backup/zip_backup.h"
#include "base/memory_budget.h"

namespace hubkeep {

/// What one job holds beside the store's buffer: libcurl's, the queue before the pack scanner and its window,
/// a request body.
constexpr ByteCount kJobMemory = ByteCount{3} << 20;

/// When to stop.
struct StopTokens {
  std::stop_token stop = {};       // what is under way ends
  std::stop_token last_call = {};  // what is under way goes on, nothing is begun
};

struct WorkOptions {
  int jobs = 8;
  StopTokens stops = {};
  RunContents contents = {};
  std::string day = {};  // of the run, as in zip_day(); only zips need it
};

using ResultVisitor = std::function<void(const WorkItem& item, RepositoryResult result)>;

/// Does all items and hands their results on, one after the other, from any thread. One item's failure is its
/// result, never an Error. The observer is told of what was begun and finished.
void work_through(const BackupContext& context, GitHub& github, MemoryBudget& memory,
                  const WorkOptions& options, const std::vector<WorkItem>& items, const ResultVisitor& visit);

}  // namespace hubkeep
