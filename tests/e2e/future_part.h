// What a later version may write into a vault: snapshots with parts of kinds that this one does not know.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "vault/vault.h"

namespace hubkeep {

/// The part "x", which is ok: it has object records at three depths, two list objects, the lists' own
/// records, and objects below the vault's root.
struct FuturePart {
  std::optional<Part> part;
  std::map<std::string, ObjectKey> objects;  // by where each of them is named
};

/// A vault with one repository, into which a later version writes as well.
class FutureVault {
 public:
  explicit FutureVault(std::unique_ptr<ObjectStore> store);

  Vault& vault() { return vault_; }
  const std::string& folder() const { return folder_; }

  /// The newest snapshots, the newest name first.
  std::vector<StoredManifest> newest();
  std::vector<StoredManifest> all();

  /// Writes the objects, and returns what is to be planted.
  FuturePart make_part();
  /// The part "y", of a status that is not known yet.
  static Part make_odd_part();

  /// What of a new snapshot is not as in the one before it.
  struct Differences {
    Parts parts = {};
    std::string from = {};  // a text in the manifest's JSON, and what stands in its place
    std::string to = {};
  };
  /// Writes the next snapshot after `before`, as "hubkeep 9.1".
  StoredManifest plant(const StoredManifest& before, const Differences& differences);
  /// The same after the newest one.
  StoredManifest plant(const Differences& differences) { return plant(newest().front(), differences); }
  /// As the run that made it does at its end. Without that, the next run finds the snapshot by listing.
  void tell_catalog(const StoredManifest& planted);

  ObjectRecord write(const std::string& key, const std::string& bytes);

 private:
  SystemClock clock_;
  Vault vault_;
  std::string folder_;
};

/// The text of a part as it stands in a manifest; empty where it has none of that name.
std::string text_of_part(const StoredManifest& stored, const std::string& name);

}  // namespace hubkeep
