// A run that several processes share, one step each: plan, then batches side by side, then the end. Between
// them are only objects in the vault and what the caller hands on. Workers never write the catalog, and a
// step that is done twice does no harm.
//
//   runs/<run>/plan.json                    the batches, for Step Functions to read
//   runs/<run>/0.1.jsonl.zst                what the plan is about, and what came of it at once
//   runs/<run>/<batch>.<attempt>.jsonl.zst  what a worker did
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "run/backup_account.h"

namespace hubkeep {

struct SharedPlan {
  SnapshotId run;
  ObjectKey key;  // of plan.json
  std::size_t repositories = 0;
  std::size_t unchanged = 0;  // of these: nothing is to do
  std::size_t batches = 0;
  int concurrency = 1;  // batches at a time
};

/// Lists the account, sorts out what needs no work and writes the rest down in batches. `name` is what the
/// caller calls the run. Throws Error as backup_account() does: no batch exists then.
SharedPlan plan_shared_run(const BackupContext& context, const RunOptions& options, const std::string& name,
                           const std::stop_token& stop);

struct BatchRequest {
  SnapshotId run;
  int attempt = 1;
  const nlohmann::ordered_json& batch;
  int share = 0;  // from 1: of the items with so many shares this one is fetched, and nothing else; 0: all
};

struct BatchSummary {
  std::vector<Outcome> outcomes;
  int attempt = 1;              // under which the result was written
  nlohmann::ordered_json left;  // the batch of what there was no time for
  bool is_done = false;         // nothing is left
  int shares = 0;  // that are to be fetched, each by a worker, before what is left is gone on with
};

/// Does the items of a batch, or fetches a share of their large sets, and writes down what came of them.
/// Throws Error: invalid for what is no batch; what keeps the result from being written.
BatchSummary work_on_batch(const BackupContext& context, MemoryBudget& memory, const WorkOptions& options,
                           const BatchRequest& request);

/// Reads what plan and workers wrote, and writes catalog and run report. A repository without a result has
/// failed. Throws Error(not_found) for a run without a plan.
RunSummary finish_shared_run(const BackupContext& context, const SnapshotId& run,
                             const std::stop_token& stop);

}  // namespace hubkeep
