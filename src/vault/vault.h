// A vault: the storage format on top of a store. docs/storage-format.md is its specification.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "base/clock.h"
#include "store/object_info.h"
#include "vault/catalog.h"
#include "vault/git_part.h"
#include "vault/host_state.h"
#include "vault/identity.h"
#include "vault/manifest.h"
#include "vault/vault_objects.h"

namespace hubkeep {

constexpr std::string_view kCatalogKey = "catalog.jsonl.zst";

/// Told of what a person should know: a rebuilt catalog, a damaged manifest.
using Notice = std::function<void(const std::string&)>;

struct StoredManifest {
  Manifest manifest;
  std::string sha256;  // of the stored bytes
  std::string bytes;   // as they are stored
};

/// Which vault must be where one is opened. The texts go on after the name of that place.
struct VaultDemand {
  std::vector<std::string> ids;  // one of these; none: any
  std::string if_missing;        // "there is no vault in DIR" + this
  std::string if_other;          // "DIR holds the vault ID" + this
};

/// What is said where there is no vault in `place`, for a `demand` that says so.
Error no_vault(const std::string& place, const VaultDemand& demand);

/// What is said, in a line, of a vault that was made.
std::string new_vault_text(const std::string& place, const std::string& id);

/// Who opens a vault, and how.
struct VaultOpening {
  Notice notice = [](const std::string&) {};
  /// The flags with which a person's commands reach this vault, ready for a shell. Empty: "--from" and where
  /// it is.
  std::string flags = {};
  VaultDemand demand = {};
};

/// Thread-safe, as its store is.
class Vault {
 public:
  /// Mode create makes hubkeep.json where there is no vault yet; it and mode write make README.txt where it
  /// is not as this version writes it. Throws Error before anything is written: not_found (but in mode
  /// create) and invalid (but in mode read) for a place without a vault that is none to make one in; invalid
  /// for a vault that the demand does not allow, and a format that this version does not know; corrupt (but
  /// in mode read) for a vault whose hubkeep.json is damaged or missing: it can be read all the same.
  Vault(std::unique_ptr<ObjectStore> store, OpenMode mode, Clock& clock, const std::stop_token& stop = {},
        const VaultOpening& opening = {});

  /// The only way to what is stored.
  VaultObjects& objects() { return objects_; }
  /// Empty where hubkeep.json is damaged.
  const std::string& id() const { return identity_.vault; }
  /// Made when it was opened.
  bool is_new() const { return is_new_; }

  /// What is wrong with hubkeep.json, if anything: "hubkeep.json is missing".
  const std::optional<std::string>& identity_damage() const { return identity_damage_; }
  /// The same for people, and what to do.
  std::string identity_advice() const;

  /// Writes hubkeep.json again: what it said stands in README.txt and in the manifests too. Returns, for
  /// people, where that is from. Throws Error(invalid) where a newer version's is there meanwhile.
  std::string recover_identity(Clock& clock, const std::stop_token& stop);

  /// What is wrong with README.txt, if anything. What cannot be said of a later version's is told.
  std::optional<std::string> readme_damage(const Notice& notice, const std::stop_token& stop);
  /// Writes README.txt again where it is not as this version writes it, nor a newer one's.
  void keep_readme(const Notice& notice, const std::stop_token& stop);

  /// "hubkeep list --from /srv/vault acme/site": a command for a person, to be typed as it stands. `verb` is
  /// ready for a shell, `repository` may be empty.
  std::string command(std::string_view verb, std::string_view repository = {}) const;

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
  /// The same by its key, of whichever host it is.
  std::optional<HostState> read_state_object(const ObjectKey& key, const std::stop_token& stop);

  /// Before the first object of a run is written: makes the state where there is none, so that its loss is
  /// noticed. What `catalog` shows to have been there, and what is damaged, is begun anew, and says of itself
  /// that it was lost. Begun, it names the newest snapshots that `catalog` names. Returns what is then
  /// stored.
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
  void read_identity(const std::stop_token& stop, OpenMode mode, Clock& clock);
  void refuse_what_is_no_vault(OpenMode mode);
  bool is_a_vault();
  struct Recovered {
    Identity identity;
    std::string from;  // where it stood
  };
  Recovered find_identity(Clock& clock, const std::stop_token& stop);
  std::optional<std::string> read_stored_catalog(const std::stop_token& stop);
  Catalog read_or_rebuild(std::optional<std::string>& stored, const Notice& notice,
                          const std::stop_token& stop);
  HostState read_or_begin_state(const std::string& host, const std::optional<std::string>& stored,
                                bool was_kept, Clock& clock);
  bool has_kept_state(const std::string& host, const Catalog& catalog, const std::stop_token& stop);
  std::optional<CompletedRun> last_reported_run();
  void check_demand(const std::string& id) const;

  VaultObjects objects_;
  std::string flags_;
  VaultDemand demand_;
  bool is_new_ = false;
  Identity identity_;
  std::optional<std::string> identity_damage_;
  // Both are set before the workers start.
  bool began_empty_ = false;  // a catalog that was never there is not missing
  bool rebuilt_ = false;      // the catalog that is stored, if any, is of no use
};

/// The folders of all subjects: "repos/<host>/<owner>/<name>.<id>/".
std::vector<std::string> subject_folders(VaultObjects& objects);

/// The catalog of a vault before `updates`, where they name all of its snapshots: nothing is read again that
/// has just been written. Nothing where there are others.
std::optional<Catalog> catalog_before(Vault& vault, const std::vector<CatalogUpdate>& updates,
                                      const Notice& notice, const std::stop_token& stop);

/// Makes the catalog from the snapshots alone.
Catalog rebuild_catalog(Vault& vault, const Notice& notice, const std::stop_token& stop);

}  // namespace hubkeep
