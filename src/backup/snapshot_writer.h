// Writes the pieces of one snapshot in their order: bundle, refs object, manifest.
#pragma once

#include <optional>
#include <stop_token>
#include <string>

#include "backup/outcome.h"
#include "git/bundle.h"
#include "remote/git_remote.h"
#include "vault/vault.h"

namespace hubkeep {

/// How far an attempt to fetch a pack came.
struct PackArrival {
  ByteCount bytes = 0;   // of whole side-band packets
  bool refused = false;  // by us: the store, or what looks into the pack
  bool whole = false;

  /// The connection ended within the pack. With no byte of one it is an outage.
  bool broke() const { return bytes > 0 && !refused && !whole; }
};

/// Fetches into a bundle of `snapshot`; nothing when the server's pack has no objects, which is fine when it
/// was told of some: then they are all in the vault. `builds_on` is empty for a base. One attempt; nothing
/// stays of a failed one, and `arrival` says how far it came.
std::optional<Bundle> fetch_bundle(Vault& vault, const std::string& folder, const SnapshotId& snapshot,
                                   const SnapshotId& builds_on, const BundleHeader& header,
                                   const FetchRequest& request, GitRemote& remote, BackupObserver& observer,
                                   const std::stop_token& stop, PackArrival& arrival);

/// Refs as the vault holds them: in which objects, and what these say together. Keeps references.
struct StoredRefs {
  const std::vector<ObjectRecord>& records;
  const RefState& state;
};

/// Stores `now`: as changes against the object that holds all refs while they are few, else whole; not at all
/// when they are as `before`, which is nothing for a first snapshot.
std::vector<ObjectRecord> store_refs(Vault& vault, const std::string& folder, const SnapshotId& snapshot,
                                     const std::optional<StoredRefs>& before, const RefState& now,
                                     const std::stop_token& stop);

}  // namespace hubkeep
