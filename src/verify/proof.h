// What proving the snapshots of a repository has found.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <vector>

#include "verify/check_object.h"
#include "verify/snapshot_chains.h"
#include "verify/verdict.h"

namespace hubkeep {

struct Proof {
  std::set<SnapshotId> proved;
  /// Of kind connectivity, each under the bundle that brought it; of kind index, under the index.
  std::vector<Damage> damages;
  /// Objects that were read to their end on the way, and what was found of them: none is to be read again.
  std::map<ObjectRecord, Checked, RecordOrder> checked;
  std::optional<Error> error;  // what kept from proving all: too little disk, no git
};

}  // namespace hubkeep
