// Whether each snapshot of a repository is whole: its bundles become a repository in scratch, in which every
// object that its refs lead to must be. For each chain one repository, which grows by a bundle at a time: a
// snapshot is proved when its last bundle has come, before what a later one brings can hide what it lacks.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <stop_token>
#include <string>
#include <vector>

#include "vault/git_part.h"
#include "verify/check_object.h"
#include "verify/snapshot_chains.h"
#include "verify/verdict.h"

namespace hubkeep {

struct Proof {
  std::set<SnapshotId> proved;
  std::vector<Damage> damages;  // of kind connectivity, each under the bundle that brought it
  /// Objects that were read to their end on the way, and what was found of them: none is to be read again.
  std::map<ObjectRecord, Checked, RecordOrder> checked;
  std::optional<Error> error;  // what kept from proving all: too little disk, no git
};

/// Snapshots of which an object is missing, damaged or cold are neither proved nor damaged here: other checks
/// tell of them. Uses the disk of one repository at a time, in a new folder below the context's scratch that
/// is gone at the end. Throws Error(cancelled).
Proof prove_snapshots(const VerifyContext& context, const std::string& folder, const SnapshotChains& chains,
                      const std::stop_token& stop);

}  // namespace hubkeep
