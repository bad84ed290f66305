// The catalog and the state both name the newest snapshots, so that when one of them is lost, the other still
// says what must be there. remember_snapshots() goes from the catalog to the state, recall_snapshots() back.
// A recalled snapshot has no part statuses, which counts as incomplete.
#include "vault/losses.h"

#include <algorithm>

#include "base/error.h"

namespace hubkeep {
namespace {

template <typename Snapshot>
bool names(const std::vector<Snapshot>& snapshots, const SnapshotId& id) {
  return std::any_of(snapshots.begin(), snapshots.end(), [&](const auto& s) { return s.snapshot == id; });
}

void add_missing(std::vector<PreviousSnapshot>& to, const std::vector<CatalogSnapshot>& from) {
  for (const CatalogSnapshot& snapshot : from)
    if (!names(to, snapshot.snapshot)) to.push_back({snapshot.snapshot, snapshot.sha256});
}

CatalogEntry entry_of_state(const std::string& host, const SubjectId& id, const RepositoryState& repository) {
  CatalogEntry entry{.host = host, .id = id, .folder = repository.folder};
  entry.listing.full_name = repository.name;
  entry.listing.visibility = repository.is_private ? "private" : "public";
  return entry;
}

}  // namespace

void remember_snapshots(HostState& state, const Catalog& catalog) {
  for (const auto& [key, entry] : catalog) {
    if (entry.host != state.host || entry.newest.empty()) continue;
    RepositoryState& repository = state.repositories[entry.id];
    repository.name = entry.listing.full_name;
    repository.is_private = entry.listing.visibility != "public";
    repository.folder = entry.folder;
    repository.checked_at = entry.refs_checked_at;
    add_missing(repository.newest, entry.newest);
  }
}

void remember_snapshots(RepositoryState& repository, const CatalogUpdate& update) {
  if (update.entry.newest.empty()) return;
  repository.folder = update.entry.folder;
  // As in merge_entry(): a run that only looked does not speak for another's snapshot. Where the state names
  // none, it is better than nothing. RememberSnapshots.FollowsWhatRunsTellTheCatalog.
  if (!update.has_new_snapshot && !repository.newest.empty()) return;
  std::erase_if(repository.newest, [&](const PreviousSnapshot& known) {
    return std::find(update.supersedes.begin(), update.supersedes.end(), known.snapshot) !=
           update.supersedes.end();
  });
  add_missing(repository.newest, update.entry.newest);
}

void recall_snapshots(Catalog& catalog, const HostState& state) {
  for (const auto& [id, repository] : state.repositories) {
    if (repository.newest.empty() || repository.folder.empty()) continue;
    CatalogEntry& entry =
        catalog.try_emplace({state.host, id}, entry_of_state(state.host, id, repository)).first->second;
    for (const PreviousSnapshot& snapshot : repository.newest) {
      if (names(entry.newest, snapshot.snapshot)) continue;
      entry.newest.push_back({snapshot.snapshot, snapshot.sha256, {}});
      entry.locked_until.reset();  // of which it says nothing
    }
  }
}

std::string loss_detail(const Error& error, const ObjectKey& key) {
  if (error.kind() == ErrorKind::not_found) return "is missing";
  const std::string& text = error.message();
  // Messages begin with the key or not; a loss shows its key itself. LossDetail.SaysTheKeyOnce.
  if (text.starts_with(key + " ")) return text.substr(key.size() + 1);
  return "is damaged: " + (text.starts_with(key + ": ") ? text.substr(key.size() + 2) : text);
}

Loss loss_of_manifest(const std::string& folder, const SnapshotId& snapshot, const std::string& sha256,
                      const Error& error, UtcTime now) {
  Loss loss{.key = folder + manifest_key(snapshot), .detail = {}, .found_at = now};
  loss.detail = loss_detail(error, loss.key);
  loss.sha256 = sha256;
  return loss;
}

}  // namespace hubkeep
