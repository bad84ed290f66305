// runs/<run>.jsonl.zst: what one run did, a line per repository; docs/storage-format.md, "Run".
#pragma once

#include <memory>
#include <nlohmann/json_fwd.hpp>

#include "store/object_store.h"
#include "vault/names.h"

namespace hubkeep {

/// Kept compressed in memory until commit(): an object begun with the run would look abandoned after a day.
/// One thread at a time.
class RunReport {
 public:
  RunReport();
  ~RunReport();
  void add(const nlohmann::ordered_json& line);
  void commit(ObjectStore& store, const SnapshotId& run);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace hubkeep
