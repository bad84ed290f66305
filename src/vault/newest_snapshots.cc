// The catalog may lack what a run committed just before it was killed, or what two runs committed at once. So
// not only what it names is read, but every manifest whose name is at most a day older than the oldest of
// those, or every one if it names none. From the newest to the oldest, each manifest tells the hash of those
// before it; what none names as previous is newest. VaultTest.FindsSnapshotsThatTheCatalogLacks.
//
// That is all in the usual case: one newest snapshot, no damage. Otherwise the records of removals are read
// as well, and where a manifest is damaged, all manifests, since it hides which others it named.
#include "vault/newest_snapshots.h"

#include <algorithm>
#include <map>
#include <set>

#include "base/error.h"

namespace hubkeep {
namespace {

// What a run may have committed beside the ones we know of began at most this long before them.
constexpr std::chrono::hours kLookBack{24};

// Newest first, so that the hash of each is known before it is read, where anything names it. Empty: not
// known.
using Hashes = std::map<SnapshotId, std::string, std::greater<>>;

std::optional<UtcTime> earliest_of(const std::vector<CatalogSnapshot>& known, UtcTime now) {
  std::optional<UtcTime> earliest;
  for (const auto& snapshot : known) {
    const UtcTime from = std::min(snapshot.snapshot.time(), now) - kLookBack;
    earliest = earliest ? std::min(*earliest, from) : from;
  }
  return earliest;
}

NewestSnapshots read_all(Vault& vault, const std::string& folder, Hashes hashes, const Removals& removals,
                         const std::stop_token& stop) {
  NewestSnapshots found;
  std::set<SnapshotId> named;
  for (const auto& [id, sha256] : hashes) {
    try {
      found.readable.push_back(
          vault.read_manifest(folder, id, sha256.empty() ? std::nullopt : std::optional(sha256), stop));
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::corrupt && error.kind() != ErrorKind::not_found) throw;
      // A manifest that is there and damaged is damage, whatever a record says of it.
      // Removals4.WhoseManifestIsThereAndDamagedAreDamage.
      if (error.kind() == ErrorKind::not_found && removals.contains(id))
        found.removed.push_back(id);
      else
        found.damaged.push_back({.snapshot = id, .sha256 = sha256, .error = error});
      continue;
    }
    for (const auto& previous : found.readable.back().manifest.previous) {
      named.insert(previous.snapshot);
      const auto older = hashes.find(previous.snapshot);
      if (older != hashes.end() && older->second.empty()) older->second = previous.sha256;
    }
  }
  for (DamagedSnapshot& damaged : found.damaged) damaged.is_named = named.contains(damaged.snapshot);
  found.readable = heads_of(std::move(found.readable), removals);
  found.damaged_removals = removals.damaged;
  return found;
}

}  // namespace

std::vector<StoredManifest> heads_of(std::vector<StoredManifest> manifests, const Removals& removals) {
  std::vector<PreviousSnapshot> naming;
  const auto add = [&](const std::vector<PreviousSnapshot>& previous) {
    naming.insert(naming.end(), previous.begin(), previous.end());
  };
  for (const auto& stored : manifests) add(stored.manifest.previous);
  std::set<SnapshotId> named;
  // A removed snapshot names its previous ones in the record of its removal: without that, what it was built
  // on would look newest again. Removals4.LeaveOneNewest, OfSeveralRunsAreOneHole.
  while (!naming.empty()) {
    const SnapshotId id = naming.back().snapshot;
    naming.pop_back();
    const auto removed = removals.snapshots.find(id);
    if (named.insert(id).second && removed != removals.snapshots.end()) add(removed->second.previous);
  }
  std::erase_if(manifests, [&](const auto& stored) { return named.contains(stored.manifest.snapshot); });
  std::sort(manifests.begin(), manifests.end(),
            [](const auto& a, const auto& b) { return a.manifest.snapshot > b.manifest.snapshot; });
  return manifests;
}

NewestSnapshots find_newest_snapshots(Vault& vault, const std::string& folder,
                                      const std::vector<CatalogSnapshot>& known, const std::stop_token& stop,
                                      UtcTime now) {
  const auto read_from = [&](std::optional<UtcTime> from, const Removals& removals) {
    Hashes hashes;
    for (const SnapshotId& id : vault.list_snapshots(folder, from)) hashes[id];
    for (const auto& snapshot : known) hashes[snapshot.snapshot] = snapshot.sha256;
    return read_all(vault, folder, std::move(hashes), removals, stop);
  };
  const auto from = earliest_of(known, now);
  NewestSnapshots found = read_from(from, {});
  if (found.damaged.empty() && found.readable.size() <= 1) return found;
  const Removals removals = read_removals(vault, folder, stop);
  // A damaged one hides what it named as previous: then only all of them tell.
  const auto again_from = found.damaged.empty() ? from : std::nullopt;
  if (removals.snapshots.empty() && again_from == from) {
    found.damaged_removals = removals.damaged;
    return found;
  }
  return read_from(again_from, removals);
}

}  // namespace hubkeep
