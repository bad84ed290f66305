// Finding snapshots without the catalog: the newest are those that no other names as previous.

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/error.h"
#include "base/text.h"
#include "vault/vault.h"

namespace hubkeep {
namespace {

// What a run may have committed beside the ones we know of began at most this long before them.
constexpr std::chrono::hours kLookBack{24};

std::vector<StoredManifest> read_all(Vault& vault, const std::string& folder, const std::set<SnapshotId>& ids,
                                     const Notice& notice, const std::stop_token& stop) {
  std::vector<StoredManifest> manifests;
  for (const auto& id : ids) {
    try {
      manifests.push_back(vault.read_manifest(folder, id, {}, stop));
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::corrupt && error.kind() != ErrorKind::not_found) throw;
      notice("a snapshot is damaged and left out: " + error.message());
    }
  }
  return manifests;
}

std::set<SnapshotId> as_set(const std::vector<SnapshotId>& ids) {
  return {ids.begin(), ids.end()};
}

void collect_names(CatalogEntry& entry, const std::vector<StoredManifest>& manifests) {
  std::set<std::string> names;
  for (const auto& stored : manifests) names.insert(stored.manifest.listing.full_name);
  names.erase(entry.listing.full_name);
  entry.previous_names.assign(names.begin(), names.end());
}

std::optional<CatalogEntry> entry_of_folder(Vault& vault, const std::string& folder, const Notice& notice,
                                            const std::stop_token& stop) {
  const auto manifests = read_all(vault, folder, as_set(vault.list_snapshots(folder)), notice, stop);
  const auto heads = heads_of(manifests);
  if (heads.empty()) return std::nullopt;
  CatalogEntry entry = entry_of(heads.front().manifest, heads.front().sha256, folder);
  for (std::size_t i = 1; i < heads.size(); ++i) {
    entry.newest.push_back({heads[i].manifest.snapshot, heads[i].sha256, heads[i].manifest.git.status});
  }
  collect_names(entry, manifests);
  return entry;
}

// The folders below `prefix`, `depth` levels down.
void visit_folders(ObjectStore& store, const std::string& prefix, int depth,
                   const std::function<void(const std::string&)>& visit) {
  if (depth == 0) return visit(prefix);
  std::vector<std::string> children;
  store.list_children(prefix, [&](std::string_view name) {
    if (name.ends_with('/')) children.emplace_back(name);
    return true;
  });
  for (const auto& child : children) visit_folders(store, prefix + child, depth - 1, visit);
}

}  // namespace

std::vector<StoredManifest> heads_of(std::vector<StoredManifest> manifests) {
  std::set<SnapshotId> named;
  for (const auto& stored : manifests) {
    for (const auto& previous : stored.manifest.previous) named.insert(previous.snapshot);
  }
  std::erase_if(manifests, [&](const auto& stored) { return named.contains(stored.manifest.snapshot); });
  std::sort(manifests.begin(), manifests.end(),
            [](const auto& a, const auto& b) { return a.manifest.snapshot > b.manifest.snapshot; });
  return manifests;
}

std::vector<StoredManifest> find_newest_snapshots(Vault& vault, const std::string& folder,
                                                  const std::vector<CatalogSnapshot>& known,
                                                  const Notice& notice, const std::stop_token& stop) {
  std::optional<UtcTime> from;
  std::set<SnapshotId> ids;
  for (const auto& snapshot : known) {
    ids.insert(snapshot.snapshot);
    const UtcTime earliest = snapshot.snapshot.time() - kLookBack;
    from = from ? std::min(*from, earliest) : earliest;
  }
  ids.merge(as_set(vault.list_snapshots(folder, from)));
  const auto manifests = read_all(vault, folder, ids, notice, stop);
  // A damaged one hides what it named as previous: then only all of them tell.
  if (manifests.size() < ids.size() && from) return find_newest_snapshots(vault, folder, {}, notice, stop);
  return heads_of(manifests);
}

Catalog rebuild_catalog(Vault& vault, const Notice& notice, const std::stop_token& stop) {
  constexpr int kFolderDepth = 3;  // repos/<host>/<owner>/<name>.<id>/
  Catalog catalog;
  visit_folders(vault.store(), "repos/", kFolderDepth, [&](const std::string& folder) {
    const auto entry = entry_of_folder(vault, folder, notice, stop);
    if (!entry) return;
    const auto found = catalog.find(entry->key());
    if (found != catalog.end()) {
      notice(fmt::format("{} and {} hold the same repository: the one with the newer snapshot counts",
                         found->second.folder, folder));
    }
    const bool newer =
        found == catalog.end() || found->second.newest.front().snapshot < entry->newest.front().snapshot;
    if (newer) catalog.insert_or_assign(entry->key(), *entry);
  });
  return catalog;
}

}  // namespace hubkeep
