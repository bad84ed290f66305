// The catalog: a line per subject (a repository, mostly), so that a run knows what the vault holds without
// reading manifests. It is a cache: what it lacks is found again in the snapshots. docs/storage-format.md,
// "Catalog".
#pragma once

#include <functional>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "vault/manifest.h"
#include "vault/subject.h"

namespace hubkeep {

struct CatalogSnapshot {
  SnapshotId snapshot;
  std::string sha256;  // of the stored manifest
  PartStatuses parts;
  PartNames not_proved = {};  // see names_not_proved()

  friend bool operator==(const CatalogSnapshot&, const CatalogSnapshot&) = default;
};

/// The last zip of a repository, and what of the repository it is known to show.
struct CatalogZip {
  std::string key;  // from the vault's root, with a leading '/'
  std::string commit;
  std::optional<SnapshotId> snapshot;  // whose HEAD is that commit
  std::optional<Listing> listing;      // with which the default branch was at that commit

  friend bool operator==(const CatalogZip&, const CatalogZip&) = default;
};

struct CatalogEntry {
  std::string host;
  SubjectId id;
  std::string node_id;
  std::string folder;  // "repos/…/"
  std::vector<std::string> previous_names;
  std::vector<CatalogSnapshot> newest;  // usually one; two after two runs at once; none beside zips alone
  Listing listing;                      // the one that the last ls-refs began with
  UtcTime refs_checked_at;              // when that ls-refs was
  std::map<PartName, UtcTime> checked =
      {};  // of other parts: when each was last asked for, by GitHub's clock
  std::optional<UtcTime> gone_since;
  ByteCount size = 0;                   // of the newest snapshot; see Contents
  std::optional<UtcTime> locked_until;  // all that the newest snapshot needs; nothing: not known to be
  std::optional<CatalogZip> zip;        // in an update, nothing means that it says nothing of zips

  /// No history of it is kept.
  bool has_only_zips() const { return newest.empty() && zip; }

  SubjectKey key() const { return {host, id}; }
  friend bool operator==(const CatalogEntry&, const CatalogEntry&) = default;
};

using Catalog = std::map<SubjectKey, CatalogEntry>;

/// What a run wants changed: its entry, and the snapshots that it replaces as newest.
struct CatalogUpdate {
  CatalogEntry entry;
  std::vector<SnapshotId> supersedes;
  bool has_new_snapshot = false;
};

/// How an update meets an entry that another run may have changed since it was read: both runs' snapshots are
/// then the newest, and the next run asks for the refs whatever the listing says. Pure.
CatalogEntry merge_entry(const std::optional<CatalogEntry>& current, const CatalogUpdate& update);

/// An entry as a line of the catalog has it. Reading throws Error(corrupt), or nlohmann::json's own
/// exceptions for what is missing or of another type.
nlohmann::ordered_json to_json(const CatalogEntry& entry);
CatalogEntry catalog_entry_from_json(const nlohmann::ordered_json& json);

/// The entry that a manifest stands for, without the names before. What a list object names counts as far as
/// `read_list` can read it; without it, lists are not read. Throws what that throws but corrupt and
/// not_found.
CatalogEntry entry_of(const Manifest& manifest, std::string manifest_sha256, std::string folder,
                      const ListReader& read_list = {});

/// The stored bytes; see SealedLinesWriter.
std::string format_catalog(const Catalog& catalog);
/// Throws Error(corrupt) unless the stored bytes are whole and the lines in order.
Catalog parse_catalog(std::string_view stored);

}  // namespace hubkeep
