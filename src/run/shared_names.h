// How the objects of a shared run are called.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "vault/run_report.h"

namespace hubkeep {

/// "runs/<run>/"
std::string shared_run_folder(const SnapshotId& run);

/// Batch and attempt. What the plan itself has to say is batch 0.
using ResultOrder = std::pair<int, int>;

/// Reads "<batch>.<attempt>.jsonl.zst"; nothing for any other name.
std::optional<ResultOrder> parse_result_name(std::string_view name);

/// Writes a result under the first attempt from `order`'s on that is free: an event that comes twice must not
/// hide what was done the first time. Returns the attempt.
int commit_result(VaultObjects& objects, RunReport& report, const SnapshotId& run, ResultOrder order);

}  // namespace hubkeep
