// What a proof of snapshots has found, however it proves: which are whole, and which bundle is to blame for
// those that are not. It is the first on the way that did not bring what it should: what came after it may
// lack objects for that reason alone.
#pragma once

#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "verify/proof.h"
#include "verify/snapshot_chains.h"
#include "verify/verify_context.h"

namespace hubkeep {

/// Of one repository. One thread. Keeps references to all that it is given.
class ProofNotes {
 public:
  using Place = SnapshotChains::Place;

  ProofNotes(const VerifyContext& context, const std::string& folder, const SnapshotChains& chains,
             const std::stop_token& stop);

  /// A link is looked at, after the one before it.
  void begin(Place place);

  /// Was read to its end, and is as it was written.
  void note_read(const ObjectRecord& record);
  /// Reads it, since what was read of it until something was wrong does not tell whose fault that is.
  bool is_as_written(const ObjectRecord& record);

  /// Nothing of what its bundle brings can be had, nor of what comes after it.
  void blame_all(Place place, const std::string& why);
  /// What snapshots lack that end here or later, `culprit` should have brought, unless one before it is to
  /// blame already.
  void suspect(Place place, Place culprit);
  /// What the snapshots that end at a link lack: `lack` says it of one and its refs, empty where it is whole.
  /// Its Error(corrupt) says it, too.
  using Lack = std::function<std::string(const ChainedSnapshot&, const RefState&)>;
  void judge(Place place, const Lack& lack);

  void add(const ObjectKey& key, DamageKind kind, const std::string& detail,
           const std::vector<SnapshotId>& snapshots);
  /// What keeps from proving all: the first is told.
  void fail(const Error& error);

  Proof finish();

 private:
  std::optional<std::string> lack_of(Place place, const ChainedSnapshot& snapshot, const Lack& lack);
  std::optional<RefState> read_refs(const SnapshotId& snapshot, const GitPart& git);
  void blame(Place place, const ChainedSnapshot& snapshot, const std::string& lack, bool is_bundle_whole);
  ObjectKey key_of_bundle(Place place) const;

  const VerifyContext& context_;
  const std::string& folder_;
  const SnapshotChains& chains_;
  const std::stop_token& stop_;
  std::vector<ObjectKey> blamed_;  // of each link
  Proof proof_;
};

/// "git/x.bundle: …" becomes "…": a damage names its object itself.
std::string without_key(const Error& error, const std::string& key);

}  // namespace hubkeep
