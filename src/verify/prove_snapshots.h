// Whether each snapshot of a repository is whole: its bundles become a repository in scratch, in which every
// object that its refs lead to must be. For each chain one repository, which grows by a bundle at a time: a
// snapshot is proved when its last bundle has come, before what a later one brings can hide what it lacks.
#pragma once

#include <stop_token>
#include <string>

#include "verify/proof.h"
#include "verify/snapshot_chains.h"
#include "verify/verify_context.h"

namespace hubkeep {

/// Snapshots of which an object is missing, damaged or cold are neither proved nor damaged here: other checks
/// tell of them. Uses the disk of one repository at a time, in a new folder below the context's scratch that
/// is gone at the end. Throws Error(cancelled).
Proof prove_snapshots(const VerifyContext& context, const std::string& folder, const SnapshotChains& chains,
                      const std::stop_token& stop);

}  // namespace hubkeep
