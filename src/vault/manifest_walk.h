// All snapshots of a repository, each held against what names it.
#pragma once

#include <functional>
#include <stop_token>

#include "vault/removals.h"
#include "vault/vault.h"

namespace hubkeep {

struct ManifestVisitor {
  /// Which snapshots are left out; of those before them the hash is then not known.
  std::function<bool(const SnapshotId&)> skip = [](const SnapshotId&) { return false; };
  std::function<void(const StoredManifest&)> visit;
  /// What is there and cannot be used, or is named and not there: not_found, corrupt, cold.
  std::function<void(const SnapshotId&, const Error&)> damaged;
  /// What is not there because it was removed.
  std::function<void(const RemovedSnapshot&)> removed = [](const RemovedSnapshot&) {};
};

/// Newest first, so that the hash of each is known, from the catalog, from the manifests after it or from
/// what is recorded of those that were removed. Returns how many snapshots there are or should be. Throws
/// Error of other kinds.
std::size_t walk_manifests(Vault& vault, const CatalogEntry& entry, const Removals& removals,
                           const ManifestVisitor& visitor, const std::stop_token& stop);

}  // namespace hubkeep
