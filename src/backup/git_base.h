// What the history of a repository is gone on from: the newest snapshot, where its refs and bundles are
// there.
#pragma once

#include <optional>
#include <string>

#include "backup/git_foundation.h"
#include "backup/part_backup.h"
#include "backup/part_place.h"
#include "git/ref.h"
#include "vault/git_part.h"

namespace hubkeep {

class RepositoryWork;

/// A snapshot to go on from, and its refs.
struct Base {
  PartBefore before;
  GitPart git;
  RefState refs;
  bool lacks_index = false;  // that was there

  // Also where only objects are missing: nothing else is to be had from this server. What was gone and is
  // there again is not: the next snapshot says so.
  bool is_settled() const {
    if (git.status != PartStatus::partial) return git.status == PartStatus::ok;
    return hubkeep::is_settled(before.part) || (git.missing_objects > 0 && !git.lacks_others);
  }
  const SnapshotId& snapshot() const { return before.manifest.snapshot; }
};

struct BaseFound {
  std::optional<Base> base;
  bool had_refs = false;  // the snapshot before, whether it is built upon or not
};

/// Nothing when its refs are lost or damaged, or when a repair does without it: then the next snapshot stands
/// on its own.
BaseFound find_base(RepositoryWork& work, const std::optional<PartBefore>& before);

/// The chain of `base` and its refs; nothing where it cannot be built upon.
Foundation last_foundation(RepositoryWork& work, const PartPlace& place, const Base& base,
                           ObjectFormat format);

/// Then all is fetched again.
bool lacks_unnamed_objects(const GitPart& git);

/// Tells why the last snapshot is not built upon.
void begin_anew(const RepositoryWork& work, const std::string& reason);

RefState read_refs(const RepositoryWork& work, const GitPart& git);

}  // namespace hubkeep
