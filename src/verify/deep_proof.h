// Whether each snapshot of a repository is whole, by hubkeep's own reading and without trust in anything but
// the bytes: every bundle is read from the first to the last, its pack indexed again, so that each object was
// made and has the name that it hashes to. What the objects name, and the refs, is looked up in what was
// indexed, and the indexes in the vault are compared with those that were made.
//
// prove_snapshots() proves the same by a restore, with the machinery that will one day be needed.
#pragma once

#include <stop_token>
#include <string>

#include "verify/proof.h"
#include "verify/snapshot_chains.h"
#include "verify/verify_context.h"

namespace hubkeep {

/// As prove_snapshots(), and also damages of kind index, each under the index. Each bundle is read once,
/// whatever the number of chains that it is in. Memory: a lease of the context's budget, held to the end; a
/// bundle that needs more is told in `error`, and its snapshots are not proved. Where the context has
/// scratch, the packs of one chain lie there, in files without a name; otherwise pieces are read again from
/// the vault. Throws Error(cancelled).
Proof prove_deeply(const VerifyContext& context, const std::string& folder, const SnapshotChains& chains,
                   const std::stop_token& stop);

}  // namespace hubkeep
