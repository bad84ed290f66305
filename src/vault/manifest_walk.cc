#include "vault/manifest_walk.h"

#include <map>

#include "base/error.h"

namespace hubkeep {
namespace {

bool is_damage(ErrorKind kind) {
  return kind == ErrorKind::not_found || kind == ErrorKind::corrupt || kind == ErrorKind::cold;
}

}  // namespace

std::size_t walk_manifests(Vault& vault, const CatalogEntry& entry, const ManifestVisitor& visitor,
                           const std::stop_token& stop) {
  std::map<SnapshotId, std::string, std::greater<>> hashes;  // empty: not known
  for (const SnapshotId& id : vault.list_snapshots(entry.folder)) hashes[id];
  for (const CatalogSnapshot& known : entry.newest) hashes[known.snapshot] = known.sha256;
  for (auto next = hashes.begin(); next != hashes.end(); ++next) {
    const auto& [id, sha256] = *next;
    if (visitor.skip(id)) continue;
    StoredManifest stored;
    try {
      stored =
          vault.read_manifest(entry.folder, id, sha256.empty() ? std::nullopt : std::optional(sha256), stop);
    } catch (const Error& error) {
      if (!is_damage(error.kind())) throw;
      visitor.damaged(id, error);
      continue;
    }
    for (const auto& previous : stored.manifest.previous) {
      // Always an older one, by its name too: the walk still comes to it.
      std::string& known = hashes[previous.snapshot];
      if (known.empty()) known = previous.sha256;
    }
    visitor.visit(stored);
  }
  return hashes.size();
}

}  // namespace hubkeep
