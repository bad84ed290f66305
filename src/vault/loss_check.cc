#include "vault/loss_check.h"

#include <optional>

#include "base/error.h"

namespace hubkeep {
namespace {

struct ManifestPlace {
  std::string folder;
  SnapshotId snapshot;
};

// Nothing where `key` is none of a manifest.
std::optional<ManifestPlace> manifest_place(std::string_view key) {
  constexpr std::string_view kFolder = "snapshots/";
  const auto name = key.rfind('/') + 1;
  const auto folder = key.substr(0, name);
  if (!folder.ends_with(kFolder) || !key.ends_with(kSnapshotSuffix)) return std::nullopt;
  const auto id = SnapshotId::parse(key.substr(name, key.size() - name - kSnapshotSuffix.size()));
  if (!id) return std::nullopt;
  return ManifestPlace{std::string(folder.substr(0, folder.size() - kFolder.size())), *id};
}

// Throws Error where it is not.
void read_again(Vault& vault, const Loss& loss, const std::stop_token& stop) {
  if (const auto place = manifest_place(loss.key)) {
    const auto sha256 = loss.sha256.empty() ? std::nullopt : std::optional(loss.sha256);
    vault.read_manifest(place->folder, place->snapshot, sha256, stop);
  } else if (!loss.sha256.empty()) {
    RecordingSink recorded;
    vault.store().read(loss.key, recorded, stop);
    if (recorded.finish(loss.key, "identity").sha256 != loss.sha256)
      throw Error(ErrorKind::corrupt, loss.key + " is not what was written");
  } else {
    const auto found = vault.store().find(loss.key);
    if (!found || (loss.size && found->size != *loss.size)) throw Error(ErrorKind::not_found, loss.key);
  }
}

}  // namespace

bool is_back(Vault& vault, const Loss& loss, const std::stop_token& stop) {
  if (loss.key.starts_with(kStateFolder)) return false;  // what is there was begun anew
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
