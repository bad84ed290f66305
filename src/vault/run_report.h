// runs/<run>.jsonl.zst: what one run did, a line per repository; docs/storage-format.md, "Run".
#pragma once

#include <memory>
#include <nlohmann/json_fwd.hpp>

#include "store/object_store.h"
#include "vault/names.h"

namespace hubkeep {

/// Lines are written as they come; nothing is visible before commit(). One thread at a time.
class RunReport {
 public:
  RunReport(ObjectStore& store, const SnapshotId& run);
  ~RunReport();
  void add(const nlohmann::ordered_json& line);
  void commit();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace hubkeep
