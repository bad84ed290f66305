// Each way from a root of the tree of chains to an end is rebuilt in a scratch repository, bundle by bundle.
// After each bundle, the refs of every snapshot that ends there are written, and git's connectivity is proved
// from them. Ways share their first bundles: these are imported for each way, but judged once.
//
// What is found here are objects that a server left out and packs that it took from elsewhere, whose bytes
// are as they were written, so that no hash tells. tests/e2e/lies_test.cc has such servers. Damage of the
// store is check_object's: what is not as it was written is left to it
// (LieTest.WhatIsDamagedByTheDiskIsNotTakenForALie).
#include "verify/prove_snapshots.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>

#include "base/error.h"
#include "base/text.h"
#include "localgit/create_repository.h"
#include "restore/rebuild.h"
#include "restore/restore_repository.h"
#include "restore/workshop.h"
#include "verify/proof_notes.h"

namespace hubkeep {
namespace {

using Place = SnapshotChains::Place;

class Prover {
 public:
  Prover(const VerifyContext& context, const std::string& folder, const SnapshotChains& chains,
         const std::stop_token& stop)
      : context_(context),
        folder_(folder),
        chains_(chains),
        stop_(stop),
        states_(chains.size()),
        notes_(context, folder, chains, stop) {}

  Proof run() {
    for (const Place end : chains_.ends()) {
      try {
        prove_chain(chains_.way_to(end));
      } catch (const Error& error) {
        if (error.kind() == ErrorKind::cancelled) throw;
        notes_.fail(error);  // another chain may need less of this machine
      }
    }
    return notes_.finish();
  }

 private:
  struct State {
    bool is_decided = false;     // its snapshots are, or cannot be
    bool is_unreadable = false;  // its pack is not to be had, and so nothing after it
  };

  void prove_chain(const std::vector<Place>& way) {
    const bool is_cut =
        std::any_of(way.begin(), way.end(), [&](Place p) { return states_[p].is_unreadable; });
    if (is_cut) return;
    const GitPart git = whole_of(way);
    check_disk("rebuilding its snapshots", context_.scratch, disk_needed(git, RepositoryKind::bare));
    const ScratchFolderGuard scratch(context_.scratch / fmt::format("hubkeep-verify-{}", random_hex(16)));
    const auto builder =
        create_repository(scratch.path(), {.format = git.format, .kind = RepositoryKind::bare}, stop_);
    for (const Place place : way) {
      State& state = states_[place];
      const bool is_new = !state.is_decided;  // else it is part of another chain as well
      if (is_new) notes_.begin(place);
      if (!import(place, *builder)) {
        state.is_unreadable = true;
        return;
      }
      const auto lack = [&](const ChainedSnapshot& snapshot, RefState refs) {
        builder->write_refs(refs);
        // What is held without a ref is as whole as what refs name: the next slice builds on it.
        for (const Oid& oid : snapshot.held) refs.refs.push_back({held_ref(oid), oid});
        builder->prove_connected(refs);
        return std::string();
      };
      if (is_new) notes_.judge(place, lack);
      state.is_decided = true;
    }
  }

  GitPart whole_of(const std::vector<Place>& way) const {
    GitPart git{.format = chains_.at(way.back()).format, .head = {}, .refs = {}, .bundles = {}};
    for (const Place place : way)
      if (!chains_.at(place).is_root()) git.bundles.push_back(chains_.at(place).bundle);
    return git;
  }

  // False where it cannot be had; what is wrong with it is noted.
  bool import(Place place, RepositoryBuilder& builder) {
    if (chains_.at(place).is_root()) return true;
    const Bundle& bundle = chains_.at(place).bundle;
    const std::function<void(ByteCount)> received = [&](ByteCount bytes) { context_.observer.moved(bytes); };
    try {
      import_bundle(
          {.vault = context_.vault, .folder = folder_, .received = received, .memory = context_.memory},
          bundle, builder, stop_);
      notes_.note_read(bundle.record);
      return true;
    } catch (const Error& error) {
      if (error.kind() == ErrorKind::cold || error.kind() == ErrorKind::not_found) return false;
      if (error.kind() != ErrorKind::corrupt) throw;
      if (notes_.is_as_written(bundle.record)) notes_.blame_all(place, without_key(error, bundle.record.key));
      return false;
    }
  }

  const VerifyContext& context_;
  const std::string& folder_;
  const SnapshotChains& chains_;
  const std::stop_token& stop_;
  std::vector<State> states_;  // of each link
  ProofNotes notes_;
};

}  // namespace

Proof prove_snapshots(const VerifyContext& context, const std::string& folder, const SnapshotChains& chains,
                      const std::stop_token& stop) {
  return Prover(context, folder, chains, stop).run();
}

}  // namespace hubkeep
