// The walk starts with every name known: from the listing, the catalog and the records of removals. It goes
// from the newest to the oldest, and each manifest adds the names and hashes of its previous ones; they are
// older, so they are still to come. A name that is not in the listing is thus missed where it is due, with
// its hash, unless a record says that it was removed.
#include "vault/manifest_walk.h"

#include <map>
#include <set>

#include "base/error.h"

namespace hubkeep {
namespace {

// Of the stored manifests; empty: not known.
using Hashes = std::map<SnapshotId, std::string, std::greater<>>;

bool is_damage(ErrorKind kind) {
  return kind == ErrorKind::not_found || kind == ErrorKind::corrupt || kind == ErrorKind::cold;
}

// Always older ones, by their names too: the walk still comes to them.
void name(Hashes& hashes, const std::vector<PreviousSnapshot>& snapshots) {
  for (const PreviousSnapshot& previous : snapshots) {
    std::string& known = hashes[previous.snapshot];
    if (known.empty()) known = previous.sha256;
  }
}

}  // namespace

std::size_t walk_manifests(Vault& vault, const CatalogEntry& entry, const Removals& removals,
                           const ManifestVisitor& visitor, const std::stop_token& stop) {
  const std::vector<SnapshotId> listed = vault.list_snapshots(entry.folder);
  const std::set<SnapshotId> there(listed.begin(), listed.end());
  Hashes hashes;
  for (const SnapshotId& id : listed) hashes[id];
  for (const CatalogSnapshot& known : entry.newest) hashes[known.snapshot] = known.sha256;
  for (const auto& [id, removed] : removals.snapshots) {
    hashes[id];
    name(hashes, removed.previous);
  }
  std::size_t removed = 0;
  for (auto next = hashes.begin(); next != hashes.end(); ++next) {
    const auto& [id, sha256] = *next;
    if (visitor.skip(id)) continue;
    const auto recorded = removals.snapshots.find(id);
    // The record is written before anything is removed, so a manifest that is still there counts.
    // Removals4.CountAsThereWhileTheirManifestIs.
    if (recorded != removals.snapshots.end() && !there.contains(id)) {
      ++removed;
      visitor.removed(recorded->second);
      continue;
    }
    StoredManifest stored;
    try {
      stored =
          vault.read_manifest(entry.folder, id, sha256.empty() ? std::nullopt : std::optional(sha256), stop);
    } catch (const Error& error) {
      if (!is_damage(error.kind())) throw;
      visitor.damaged(id, error);
      continue;
    }
    name(hashes, stored.manifest.previous);
    visitor.visit(stored);
  }
  return hashes.size() - removed;
}

}  // namespace hubkeep
