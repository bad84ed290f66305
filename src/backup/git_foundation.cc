#include "backup/git_foundation.h"

#include <utility>

namespace hubkeep {

Foundation Foundation::of(const SnapshotId& snapshot, GitPart git, RefState refs) {
  return {.snapshot = snapshot,
          .refs = std::move(refs),
          .chain = std::move(git.bundles),
          .not_proved = git.not_proved,
          .lfs_pointers = git.lfs_pointers,
          .proved = git.proved,
          .not_proved_because = std::move(git.not_proved_because),
          .missing = std::move(git.missing),
          .missing_objects = git.missing_objects,
          .held = std::move(git.held)};
}

GitPart Foundation::begin(const RefState& now) const {
  return {.format = now.format,
          .head = now.head,
          .bundles = chain,
          .not_proved = not_proved,
          .lfs_pointers = lfs_pointers,
          .proved = proved,
          .not_proved_because = not_proved_because,
          .missing = missing,
          .missing_objects = missing_objects};
}

}  // namespace hubkeep
