// Below runs/: what a run did, a line per repository; docs/storage-format.md, "Run".
#pragma once

#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string_view>

#include "vault/names.h"
#include "vault/vault_objects.h"

namespace hubkeep {

/// Kept compressed in memory until commit(): an object begun with the run would look abandoned after a day.
/// One thread at a time.
class RunReport {
 public:
  RunReport();
  ~RunReport();
  void add(const nlohmann::ordered_json& line);
  /// False when there is an object of that name already, as a look has shown; then another name may be tried.
  /// Nothing can be added any more.
  [[nodiscard]] bool commit(VaultObjects& objects, const ObjectKey& key);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// "runs/<run>.jsonl.zst"
ObjectKey run_report_key(const SnapshotId& run);
/// The run whose report is called that, below runs/; nothing for any other name.
std::optional<SnapshotId> run_of_report(std::string_view name);

}  // namespace hubkeep
