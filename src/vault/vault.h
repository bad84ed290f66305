// A vault: the storage format on top of a store. docs/storage-format.md is its specification.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "base/clock.h"
#include "store/open_store.h"
#include "vault/catalog.h"
#include "vault/host_state.h"
#include "vault/manifest.h"

namespace hubkeep {

constexpr std::string_view kCatalogKey = "catalog.jsonl.zst";

/// Told of what a person should know: a rebuilt catalog, a damaged manifest.
using Notice = std::function<void(const std::string&)>;

struct StoredManifest {
  Manifest manifest;
  std::string sha256;  // of the stored bytes
  std::string bytes;   // as they are stored
};

/// Thread-safe, as its store is.
class Vault {
 public:
  /// Mode create makes hubkeep.json and README.txt where they are missing. Throws Error: invalid for data
  /// without hubkeep.json, a format that this version does not know, and (mode read) a folder that is no
  /// vault; corrupt for a damaged hubkeep.json.
  Vault(std::unique_ptr<ObjectStore> store, OpenMode mode, Clock& clock, const std::stop_token& stop = {});

  ObjectStore& store() { return *store_; }
  const std::string& id() const { return id_; }

  /// The catalog; rebuilt from the snapshots, with a notice, where it is missing or damaged.
  Catalog load_catalog(const Notice& notice, const std::stop_token& stop);

  /// The catalog as it is stored; nothing where there is none. Throws Error(corrupt).
  std::optional<Catalog> read_catalog(const std::stop_token& stop);

  /// Whether there is anything that a catalog should know of.
  bool holds_data();

  /// Makes the catalog again from the snapshots, whatever it says now. What another run writes meanwhile
  /// stays. Returns what it then says.
  Catalog replace_catalog(const Notice& notice, const std::stop_token& stop);

  /// Applies `updates` to the catalog as it is now, by compare-and-swap: what another run has written since
  /// stays. Without updates it is written only when load_catalog() found none that can be read.
  void update_catalog(const std::vector<CatalogUpdate>& updates, const Notice& notice,
                      const std::stop_token& stop);

  /// The state of `host` as it is stored; nothing where there is none. Throws Error(corrupt).
  std::optional<HostState> read_state(const std::string& host, const std::stop_token& stop);

  /// Before the first object of a run is written: makes the state where there is none, so that its loss is
  /// noticed. What `catalog` shows to have been there, and what is damaged, is begun anew, and says of itself
  /// that it was lost. Returns what is then stored.
  HostState begin_state(const std::string& host, const Catalog& catalog, Clock& clock,
                        const std::stop_token& stop);

  /// Applies `change` to the state as it is now, by compare-and-swap: it may be called more than once.
  /// Returns what is then stored. After begin_state().
  HostState update_state(const std::string& host, const std::function<void(HostState&)>& change, Clock& clock,
                         const std::stop_token& stop);

  /// The ids of a repository's snapshots from `from` on, oldest first by name.
  std::vector<SnapshotId> list_snapshots(const std::string& folder, std::optional<UtcTime> from = {});

  /// Throws Error: not_found, corrupt (also when `sha256` is given and differs), invalid (written by a newer
  /// version).
  StoredManifest read_manifest(const std::string& folder, const SnapshotId& snapshot,
                               const std::optional<std::string>& sha256, const std::stop_token& stop);

  /// Commits a snapshot, as one of this vault: with this it exists. Returns the SHA-256 of the stored bytes.
  std::string write_manifest(const std::string& folder, const Manifest& manifest);

  /// The refs and HEAD of a git part.
  RefState read_ref_state(const std::string& folder, const GitPart& git, const std::stop_token& stop);

 private:
  Catalog read_or_rebuild(std::optional<VersionedBytes>& stored, const Notice& notice,
                          const std::stop_token& stop);
  HostState read_or_begin_state(const std::string& host, const std::optional<VersionedBytes>& stored,
                                bool was_kept, Clock& clock) const;
  bool has_kept_state(const std::string& host, const Catalog& catalog, const std::stop_token& stop);
  void read_identity(const std::string& json);
  void create_identity(Clock& clock);

  std::unique_ptr<ObjectStore> store_;
  std::string id_;
  // Both are set before the workers start.
  bool began_empty_ = false;  // a catalog that was never there is not missing
  bool rebuilt_ = false;      // the catalog that is stored, if any, is of no use
};

/// Which of `manifests` no other of them names as previous: the newest ones, newest name first.
std::vector<StoredManifest> heads_of(std::vector<StoredManifest> manifests);

/// The newest snapshots of one repository: those of `known` (from the catalog), and those that a run has
/// committed without telling the catalog. Damaged manifests are left out with a notice.
std::vector<StoredManifest> find_newest_snapshots(Vault& vault, const std::string& folder,
                                                  const std::vector<CatalogSnapshot>& known,
                                                  const Notice& notice, const std::stop_token& stop);

/// The folders of all repositories: "repos/<host>/<owner>/<name>.<id>/".
std::vector<std::string> repository_folders(ObjectStore& store);

/// Makes the catalog from the snapshots alone.
Catalog rebuild_catalog(Vault& vault, const Notice& notice, const std::stop_token& stop);

}  // namespace hubkeep
