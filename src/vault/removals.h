// Which snapshots of a repository a policy has removed. That is written down before anything goes, so that a
// snapshot which is not there and is recorded here is no damage. One whose manifest is still there counts as
// there, whatever is recorded. docs/storage-format.md, "Removed".
#pragma once

#include <map>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "vault/manifest.h"

namespace hubkeep {

class Vault;

struct RemovedSnapshot {
  SnapshotId snapshot;
  std::string sha256;                      // of the stored manifest
  std::vector<PreviousSnapshot> previous;  // as the manifest had them
  std::string reason;                      // in the policy's words, for people
  UtcTime removed_at;

  friend bool operator==(const RemovedSnapshot&, const RemovedSnapshot&) = default;
};

/// What one run has removed of one repository: an object, written once.
struct Removal {
  SnapshotId run;
  std::string program;  // "hubkeep 0.1.0"
  std::vector<RemovedSnapshot> snapshots;

  friend bool operator==(const Removal&, const Removal&) = default;
};

constexpr std::string_view kRemovedFolder = "removed/";

/// "removed/<run>.jsonl.zst", below the repository's folder; and back, nothing for any other key.
std::string removal_key(const SnapshotId& run);
std::optional<SnapshotId> run_of_removal(std::string_view removal_key);

/// As it is stored.
std::string format_removal(const Removal& removal);
/// Throws Error: invalid for a format version or feature that this version does not know, corrupt for
/// anything else that is none.
Removal parse_removal(std::string_view stored);

/// Before the manifests go, and the objects after them. Throws Error.
void write_removed(Vault& vault, const std::string& folder, const Removal& removal);

/// Throws Error: as parse_removal(), and not_found.
Removal read_removal(Vault& vault, const std::string& folder, const SnapshotId& run,
                     const std::stop_token& stop);

struct DamagedRemoval {
  ObjectKey key;
  Error error;  // not_found or corrupt
};

/// All that was ever removed of a repository, whether it is there again or still.
struct Removals {
  std::map<SnapshotId, RemovedSnapshot> snapshots;
  std::vector<ObjectKey> keys;          // of the objects that say so
  std::vector<DamagedRemoval> damaged;  // what these say is not known

  bool contains(const SnapshotId& id) const { return snapshots.contains(id); }
};

/// One listing and as many requests as runs have removed something. Throws Error of other kinds than
/// not_found and corrupt: a record of a newer version, or in an archive class, leaves nobody the wiser.
Removals read_removals(Vault& vault, const std::string& folder, const std::stop_token& stop);

}  // namespace hubkeep
