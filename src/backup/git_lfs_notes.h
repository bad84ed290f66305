// From the history to the part that saves what its LFS pointers point at.
#pragma once

#include "backup/part_place.h"
#include "git/lfs_pointers.h"
#include "vault/git_part.h"

namespace hubkeep {

class RepositoryWork;

/// Tells what a bundle points at, if it is one of the history, somebody wants to know, and all of its blobs
/// were looked at.
void note_lfs(RepositoryWork& work, const PartPlace& place, const Bundle& bundle,
              const LfsPointers& pointers);

}  // namespace hubkeep
