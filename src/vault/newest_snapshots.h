// The newest snapshots of a repository: those that no other names as previous. What was named and cannot be
// read is part of the answer, so that the next snapshot goes on naming it.
#pragma once

#include <stop_token>
#include <string>
#include <vector>

#include "vault/removals.h"
#include "vault/vault.h"

namespace hubkeep {

/// One that the catalog, another snapshot or the folder's listing names, and that cannot be read.
struct DamagedSnapshot {
  SnapshotId snapshot;
  std::string sha256;     // of the manifest that was written; empty where nobody knows
  bool is_named = false;  // as previous, by one that can be read
  Error error;            // not_found or corrupt
};

struct NewestSnapshots {
  std::vector<StoredManifest> readable;          // newest name first
  std::vector<DamagedSnapshot> damaged;          // all that were met
  std::vector<SnapshotId> removed;               // of the known ones: nobody misses them
  std::vector<DamagedRemoval> damaged_removals;  // as far as anybody had to look at them
};

/// Which of `manifests` no other of them names as previous, be it by way of snapshots that were removed:
/// newest name first.
std::vector<StoredManifest> heads_of(std::vector<StoredManifest> manifests, const Removals& removals);

/// Those of `known` (from the catalog), each held against its hash, and those that a run has committed
/// without telling the catalog. `now` is when that may have been, whatever time the known ones bear. What was
/// removed is asked for only where one is missing or several are newest.
NewestSnapshots find_newest_snapshots(Vault& vault, const std::string& folder,
                                      const std::vector<CatalogSnapshot>& known, const std::stop_token& stop,
                                      UtcTime now = UtcTime::max());

}  // namespace hubkeep
