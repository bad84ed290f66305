// What was lost is back when it passes the strictest check that is known of it: a manifest or a record of
// removals is read and parsed, anything else is read and hashed where its hash is known, or else looked up by
// name and size. What is there but cold, or of a newer version, is back as well: nobody can say more of it
// now.
#include "vault/loss_check.h"

#include <optional>

#include "base/error.h"
#include "vault/key_kind.h"
#include "vault/removals.h"

namespace hubkeep {
namespace {

// A manifest, or the record of a run that removed some.
struct Place {
  std::string folder;
  SnapshotId id;
};

// Nothing where `key` is none in a folder `below`, as `parse` says.
std::optional<Place> place_of(const ObjectKey& key, std::string_view below,
                              std::optional<SnapshotId> (*parse)(std::string_view)) {
  const auto name = key.rfind('/');
  if (name == ObjectKey::npos || name < below.size()) return std::nullopt;
  const auto start = name + 1 - below.size();
  const auto id = parse(std::string_view(key).substr(start));
  return id ? std::optional(Place{key.substr(0, start), *id}) : std::nullopt;
}

// What was removed after it had been lost is missed by nobody. Removals4.AreNoLossAnyMore.
void read_manifest_again(Vault& vault, const Place& place, const Loss& loss, const std::stop_token& stop) {
  try {
    const auto sha256 = loss.sha256.empty() ? std::nullopt : std::optional(loss.sha256);
    vault.read_manifest(place.folder, place.id, sha256, stop);
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::not_found || !read_removals(vault, place.folder, stop).contains(place.id))
      throw;
  }
}

// Throws Error where it is not.
void read_again(Vault& vault, const Loss& loss, const std::stop_token& stop) {
  if (const auto place = place_of(loss.key, kSnapshotsFolder, snapshot_of)) {
    read_manifest_again(vault, *place, loss, stop);
  } else if (const auto record = place_of(loss.key, kRemovedFolder, run_of_removal)) {
    read_removal(vault, record->folder, record->id, stop);
  } else if (!loss.sha256.empty()) {
    RecordingSink recorded;
    vault.objects().read_stored(loss.key, recorded, stop);
    if (recorded.finish(loss.key, "identity").sha256 != loss.sha256)
      throw Error(ErrorKind::corrupt, loss.key + " is not what was written");
  } else {
    const auto found = vault.objects().find(loss.key);
    if (!found || (loss.size && found->size != *loss.size)) throw Error(ErrorKind::not_found, loss.key);
  }
}

}  // namespace

bool is_back(Vault& vault, const Loss& loss, const std::stop_token& stop) {
  if (kind_of(loss.key) == KeyKind::state) return false;  // what is there was begun anew
  try {
    read_again(vault, loss, stop);
    return true;
  } catch (const Error& error) {
    // There, but not to be read now, or not by this version.
    if (error.kind() == ErrorKind::cold || error.kind() == ErrorKind::invalid) return true;
    if (error.kind() != ErrorKind::not_found && error.kind() != ErrorKind::corrupt) throw;
    return false;
  }
}

}  // namespace hubkeep
