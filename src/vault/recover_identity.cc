// hubkeep.json, made again from what else says the same: README.txt, which was written with it; else, of its
// id, the state of a host, or the manifests, each of which names its vault. In a copy manifests name the
// vault that they were first written to: what most repositories' newest say counts, the newer ones where that
// is even.

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "base/error.h"
#include "base/text.h"
#include "vault/readme.h"
#include "vault/vault.h"

namespace hubkeep {
namespace {

constexpr std::string_view kRuns = "runs/";

struct Claim {
  std::size_t repositories = 0;
  SnapshotId newest;
};

// The newest manifest of a folder that can be read.
std::optional<Manifest> newest_manifest(Vault& vault, const std::string& folder,
                                        const std::vector<SnapshotId>& newest_first,
                                        const std::stop_token& stop) {
  for (const SnapshotId& id : newest_first) {
    try {
      return vault.read_manifest(folder, id, {}, stop).manifest;
    } catch (const Error& error) {
      const bool is_damage = error.kind() == ErrorKind::corrupt || error.kind() == ErrorKind::not_found ||
                             error.kind() == ErrorKind::cold;
      if (!is_damage) throw;
    }
  }
  return std::nullopt;
}

// "20261123T184501Z-3f9a1c" of "20261123T184501Z-3f9a1c.jsonl.zst" and "20261123T184501Z-3f9a1c/".
std::optional<SnapshotId> run_of(std::string_view name) {
  return SnapshotId::parse(name.substr(0, name.find_first_of("./")));
}

std::optional<SnapshotId> oldest_run(VaultObjects& objects) {
  std::optional<SnapshotId> oldest;
  objects.list_children(std::string(kRuns), [&](std::string_view name) {
    oldest = run_of(name);
    return !oldest;
  });
  return oldest;
}

std::optional<std::string> vault_of_states(VaultObjects& objects, const std::stop_token& stop) {
  std::vector<ObjectKey> keys;
  objects.list(std::string(kStateFolder), "", [&](const ObjectInfo& object) {
    keys.push_back(object.key);
    return true;
  });
  for (const ObjectKey& key : keys) {
    try {
      const auto stored = objects.read_if_there(key, stop);
      if (!stored) continue;
      const HostState state = parse_state(*stored);
      if (is_vault_id(state.vault)) return state.vault;
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::corrupt && error.kind() != ErrorKind::cold) throw;
    }
  }
  return std::nullopt;
}

}  // namespace

bool Vault::is_a_vault() {
  // The cheap questions first: a request each. A folder that only has a vault's names holds no snapshots:
  // VaultTest.DoesNotTakeAFolderForAVaultByItsNames.
  if (objects_.find(std::string(kCatalogKey)) || oldest_run(objects_)) return true;
  const auto folders = subject_folders(objects_);
  return std::any_of(folders.begin(), folders.end(),
                     [&](const std::string& folder) { return !list_snapshots(folder).empty(); });
}

Vault::Recovered Vault::find_identity(Clock& clock, const std::stop_token& stop) {
  if (const auto readme = objects_.read_if_there(std::string(kReadmeKey), stop))
    if (auto identity = identity_in_readme(*readme)) return {std::move(*identity), "as README.txt has it"};
  std::optional<UtcTime> oldest;
  std::map<std::string, Claim> claims;
  const auto see = [&](const SnapshotId& id) { oldest = std::min(oldest.value_or(id.time()), id.time()); };
  for (const std::string& folder : subject_folders(objects_)) {
    const auto ids = list_snapshots(folder);
    if (ids.empty()) continue;
    see(ids.front());
    const auto manifest = newest_manifest(*this, folder, {ids.rbegin(), ids.rend()}, stop);
    if (!manifest || !is_vault_id(manifest->vault)) continue;
    Claim& claim = claims[manifest->vault];
    ++claim.repositories;
    claim.newest = std::max(claim.newest, manifest->snapshot);
  }
  if (const auto run = oldest_run(objects_)) see(*run);
  const UtcTime made = oldest.value_or(clock.now());
  if (const auto vault = vault_of_states(objects_, stop))
    return {{.vault = *vault, .created_at = made}, "as state/ has it"};
  // RecoveredVaultTest.HasTheIdThatMostRepositoriesHave.
  const auto best = std::max_element(claims.begin(), claims.end(), [](const auto& a, const auto& b) {
    return std::pair(a.second.repositories, a.second.newest) <
           std::pair(b.second.repositories, b.second.newest);
  });
  if (best == claims.end())
    return {{.vault = new_vault_id(), .created_at = made},
            "a new name: nothing that is left says the old one"};
  return {{.vault = best->first, .created_at = made}, "as the newest snapshots have it"};
}

std::string Vault::recover_identity(Clock& clock, const std::stop_token& stop) {
  const Recovered found = find_identity(clock, stop);
  // Before anything is written.
  check_demand(found.identity.vault);
  bool was_there = false;
  const auto make = [&](const std::optional<std::string>&) {
    // Another run may have made it meanwhile; a newer version's is left alone.
    // RecoveredVaultTest.IsMadeOnceWhereTwoMakeIt, IsNotMadeOverANewerFormat.
    read_identity(stop, OpenMode::read, clock);
    was_there = !identity_damage_;
    return was_there ? std::nullopt : std::optional(format_identity(found.identity));
  };
  objects_.update(std::string(kIdentityKey), make, stop);
  if (was_there) return "hubkeep.json was made again by another run";
  identity_ = found.identity;
  identity_damage_.reset();
  return fmt::format("hubkeep.json is made again: vault {}, made {}, {}", identity_.vault,
                     format_time(identity_.created_at), found.from);
}

}  // namespace hubkeep
