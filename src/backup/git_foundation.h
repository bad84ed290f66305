// What the next bundle builds on: a snapshot whose chain is kept, and whose refs and commits that are held
// beside are the haves. Nothing for a base.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "git/ref.h"
#include "vault/git_part.h"

namespace hubkeep {

struct Foundation {
  SnapshotId snapshot;
  std::optional<RefState> refs;
  std::vector<Bundle> chain;
  std::uint64_t not_proved = 0;     // see GitPart
  std::uint64_t lfs_pointers = 0;   // in the chain
  std::optional<bool> proved = {};  // as all that follows
  std::string not_proved_because = {};
  std::vector<MissingObject> missing = {};
  std::uint64_t missing_objects = 0;
  std::vector<Oid> held = {};

  static Foundation of(const SnapshotId& snapshot, GitPart git, RefState refs);
  /// A git part that goes on from here, without refs of its own.
  GitPart begin(const RefState& now) const;
};

}  // namespace hubkeep
