// What was ever recorded never leaves silently: which snapshots the catalog and the state name together, and
// what is written down of a loss. All of it pure.
#pragma once

#include <string>

#include "base/error.h"
#include "vault/catalog.h"
#include "vault/host_state.h"

namespace hubkeep {

/// Into a state that was begun: the newest snapshots that the catalog names.
void remember_snapshots(HostState& state, const Catalog& catalog);

/// The same, of what a run has told the catalog.
void remember_snapshots(RepositoryState& repository, const CatalogUpdate& update);

/// Adds to `catalog` what only the state still names, after the catalog was lost: repositories, and
/// snapshots, marked as incomplete so that the next run looks at them.
void recall_snapshots(Catalog& catalog, const HostState& state);

/// Of an error that reading `key` has met, not_found or corrupt: "is missing", "is damaged: …".
std::string loss_detail(const Error& error, const ObjectKey& key);

/// A manifest that cannot be read. `sha256` is empty where nobody knows what was written.
Loss loss_of_manifest(const std::string& folder, const SnapshotId& snapshot, const std::string& sha256,
                      const Error& error, UtcTime now);

}  // namespace hubkeep
