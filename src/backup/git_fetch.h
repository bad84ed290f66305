// A pack on its way into a git part: fetched, proved, and what it points at handed on.
#pragma once

#include "backup/git_snapshot_writer.h"
#include "backup/git_work.h"

namespace hubkeep {

/// `before` with what the server's answer adds to it. One attempt. Throws as GitServer::fetch() and
/// ChainProof::prove() do.
GitPart fetch_and_prove(const GitWork& git, const GitPart& before, const RefState& target,
                        const BundleRequest& request, PackArrival& arrival);

}  // namespace hubkeep
