// Writes the pieces of one git part in their order: the bundle, then the refs, because they name its objects.
#pragma once

#include <memory>
#include <optional>

#include "backup/git_fetch_plan.h"
#include "backup/pack_intake.h"
#include "backup/part_place.h"
#include "remote/git_remote.h"
#include "vault/git_part.h"

namespace hubkeep {

class RepositoryWork;

/// How far an attempt to fetch a pack came.
struct PackArrival {
  ByteCount bytes = 0;   // of whole side-band packets
  bool refused = false;  // by us: the store, or what looks into the pack
  bool whole = false;
  /// What came and was stored is no answer to what was asked, as only its objects told.
  bool is_not_what_was_asked = false;

  /// The connection ended within the pack. With no byte of one it is an outage.
  bool broke() const { return bytes > 0 && !refused && !whole; }
};

/// What a fetch brought.
struct FetchedPack {
  std::optional<Bundle> bundle;        // nothing when the pack has no objects
  std::uint64_t not_proved = 0;        // as in the bundle, also without one
  LfsPointers lfs_pointers;            // those that deltas make are there after a proof
  std::unique_ptr<PackIntake> intake;  // of the bundle; see ChainProof

  /// What is in it is from now on in `git`, whose chain it continues.
  void add_to(GitPart& git) const;
};

struct BundleRequest {
  SnapshotId snapshot;   // whose bundle it is
  SnapshotId builds_on;  // empty for a base
  const FetchPlan& plan;
};

/// Fetches into a bundle; none when the server's pack has no objects, which is fine when it was told of some:
/// then they are all in the vault. One attempt; nothing stays of a failed one, and `arrival` says how far it
/// came. Throws Error(transient), too, when the pack cannot be what was asked for: it may be an old answer,
/// from some cache.
FetchedPack fetch_bundle(const PartPlace& place, const BundleRequest& request, const RepositoryWork& work,
                         GitRemote& remote, PackArrival& arrival);

/// Refs as the vault holds them: in which objects, and what these say together. Keeps references.
struct StoredRefs {
  const std::vector<ObjectRecord>& records;
  const RefState& state;
};

/// Stores `now`: as changes against the object that holds all refs while they are few, else whole; not at all
/// when they are as `before`, which is nothing for a first snapshot.
std::vector<ObjectRecord> store_refs(const PartPlace& place, const SnapshotId& snapshot,
                                     const std::optional<StoredRefs>& before, const RefState& now,
                                     const RepositoryWork& work);

}  // namespace hubkeep
