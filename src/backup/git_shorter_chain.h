// A chain of bundles that has grown long is cut at an older snapshot, on which the next bundle builds.
#pragma once

#include "backup/git_foundation.h"
#include "backup/part_place.h"

namespace hubkeep {

class RepositoryWork;

/// `last`, or an older snapshot of its chain where that has grown long; see bundles_to_keep().
Foundation shortened(RepositoryWork& work, const PartPlace& place, const Foundation& last);

}  // namespace hubkeep
