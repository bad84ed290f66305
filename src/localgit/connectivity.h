// Whether every object that the refs lead to is there: a walk over the links of libgit2's objects, which
// takes all that git takes. (libgit2's own check, of its indexer, refuses commits that fsck complains about.)
#pragma once

#include <stop_token>

#include "git/ref.h"
#include "localgit/libgit2_handle.h"

namespace hubkeep {

/// Memory: 21 bytes for each object of the repository. Throws Error: corrupt, naming the first ref that lacks
/// an object, and that object; cancelled.
void prove_connected(git_odb* odb, const RefState& state, const std::stop_token& stop);

}  // namespace hubkeep
