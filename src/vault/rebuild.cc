// The catalog, made from the snapshots alone. Every folder of a subject is listed and all its manifests read,
// several folders at a time; the newest are those that no other names as previous, and the older ones tell
// the names before. A damaged manifest is told of and left out, for the others still say most. Zips come
// last, from the metadata.json of each day, the oldest day first, so that the last zip of each repository
// stays.

#include <fmt/format.h>

#include <algorithm>
#include <mutex>
#include <set>

#include "base/error.h"
#include "base/parallel.h"
#include "base/text.h"
#include "vault/newest_snapshots.h"
#include "vault/object_list.h"
#include "vault/vault.h"
#include "vault/zip_record.h"

namespace hubkeep {
namespace {

constexpr std::size_t kReadersAtOnce = 8;  // in a bucket most of the time is waiting

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
  const Removals removals = read_removals(vault, folder, stop);
  for (const DamagedRemoval& damaged : removals.damaged)
    notice("what a run has removed is not known: " + damaged.error.message());
  const auto heads = heads_of(manifests, removals);
  if (heads.empty()) return std::nullopt;
  const SubjectId& id = heads.front().manifest.repository_id;
  if (!is_folder_of(id.kind(), folder)) {
    notice(fmt::format("{} is left out: its newest snapshot is of the {} {}", folder, root_of(id.kind()).name,
                       id.str()));
    return std::nullopt;
  }
  CatalogEntry entry = entry_of(heads.front().manifest, heads.front().sha256, folder,
                                read_lists(vault.objects(), folder, stop));
  for (std::size_t i = 1; i < heads.size(); ++i) {
    entry.newest.push_back({heads[i].manifest.snapshot, heads[i].sha256, statuses_of(heads[i].manifest.parts),
                            names_not_proved(heads[i].manifest.parts)});
  }
  collect_names(entry, manifests);
  return entry;
}

// The folders below `prefix`, `depth` levels down.
void collect_folders(VaultObjects& objects, const std::string& prefix, int depth,
                     std::vector<std::string>& folders) {
  if (depth == 0) return folders.push_back(prefix);
  std::vector<std::string> children;
  objects.list_children(prefix, [&](std::string_view name) {
    if (name.ends_with('/')) children.emplace_back(name);
    return true;
  });
  for (const auto& child : children) collect_folders(objects, prefix + child, depth - 1, folders);
}

// Where there are only zips, the folder that a history would get is the best guess.
CatalogEntry entry_of_zip(const ZipRecord& record) {
  CatalogEntry entry{.host = record.host,
                     .id = record.id,
                     .folder = repository_folder(record.host, record.owner, record.name, record.id)};
  entry.listing.full_name = record.owner + "/" + record.name;
  entry.listing.visibility = record.is_private ? "private" : "public";
  entry.listing.is_archived = false;  // as format 1 has always said of it
  entry.listing.is_fork = false;
  entry.listing.pushed_at = "";
  return entry;
}

// The last of each day, the later days over the earlier.
void collect_zips(VaultObjects& objects, Catalog& catalog, const Notice& notice,
                  const std::stop_token& stop) {
  for (const std::string& day : list_zip_days(objects)) {
    try {
      for (const ZipRecord& record : read_zip_metadata(objects, day, stop).zips) {
        auto& entry = catalog.try_emplace({record.host, record.id}, entry_of_zip(record)).first->second;
        // A lost zip counts only where there is no other.
        if (record.is_lost && entry.zip) continue;
        entry.zip = CatalogZip{.key = record.object.key, .commit = record.commit};
      }
    } catch (const Error& error) {
      if (error.kind() == ErrorKind::not_found) continue;  // leftovers, or a day that expires
      if (error.kind() != ErrorKind::corrupt) throw;
      notice("the zips of a day are left out: " + error.message());
    }
  }
}

std::set<ObjectKey> manifests_of(const std::vector<CatalogUpdate>& updates) {
  std::set<ObjectKey> keys;
  for (const CatalogUpdate& update : updates) {
    const std::string& folder = update.entry.folder;
    for (const auto& snapshot : update.entry.newest) keys.insert(folder + manifest_key(snapshot.snapshot));
    for (const auto& snapshot : update.supersedes) keys.insert(folder + manifest_key(snapshot));
  }
  return keys;
}

bool is_manifest(std::string_view key) {
  const auto snapshots = key.rfind("/" + std::string(kSnapshotsFolder));
  return snapshots != std::string_view::npos && snapshot_of(key.substr(snapshots + 1));
}

}  // namespace

std::vector<std::string> subject_folders(VaultObjects& objects) {
  std::vector<std::string> roots;
  objects.list_children("", [&](std::string_view name) {
    if (is_of_a_subject(name)) roots.emplace_back(name);
    return true;
  });
  std::vector<std::string> folders;
  for (const SubjectRoot& root : kSubjectRoots)  // a list costs a request: only what is there is listed
    if (std::find(roots.begin(), roots.end(), root.folder) != roots.end())
      collect_folders(objects, std::string(root.folder), root.depth, folders);
  return folders;
}

std::optional<Catalog> catalog_before(Vault& vault, const std::vector<CatalogUpdate>& updates,
                                      const Notice& notice, const std::stop_token& stop) {
  const std::set<ObjectKey> known = manifests_of(updates);
  bool knows_all = true;
  const auto is_known = [&](const ObjectInfo& object) {
    knows_all = !is_manifest(object.key) || known.contains(object.key);
    return knows_all;
  };
  for (const SubjectRoot& root : kSubjectRoots)
    if (knows_all) vault.objects().list(std::string(root.folder), "", is_known);
  if (!knows_all) return std::nullopt;
  Catalog catalog;
  collect_zips(vault.objects(), catalog, notice, stop);
  return catalog;
}

Catalog rebuild_catalog(Vault& vault, const Notice& notice, const std::stop_token& stop) {
  const std::vector<std::string> folders = subject_folders(vault.objects());
  std::vector<std::optional<CatalogEntry>> entries(folders.size());
  std::mutex mutex;  // guards notices
  const Notice tell = [&](const std::string& text) {
    const std::scoped_lock lock(mutex);
    notice(text);
  };
  work_in_parallel_or_throw(folders.size(), kReadersAtOnce, [&](std::size_t i) {
    entries[i] = entry_of_folder(vault, folders[i], tell, stop);
  });
  Catalog catalog;
  for (const auto& entry : entries) {
    if (!entry) continue;
    const auto found = catalog.find(entry->key());
    if (found != catalog.end()) {
      notice(fmt::format("{} and {} hold the same {}: the one with the newer snapshot counts",
                         found->second.folder, entry->folder, root_of(entry->id.kind()).name));
    }
    // Two first runs at once, with a rename between them, leave two folders (see merge_entry()).
    const bool newer =
        found == catalog.end() || found->second.newest.front().snapshot < entry->newest.front().snapshot;
    if (newer) catalog.insert_or_assign(entry->key(), *entry);
  }
  collect_zips(vault.objects(), catalog, notice, stop);
  return catalog;
}

}  // namespace hubkeep
