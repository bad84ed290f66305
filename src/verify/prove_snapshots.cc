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
#include "restore/rebuild.h"
#include "restore/restore_repository.h"
#include "restore/workshop.h"

namespace hubkeep {
namespace {

using Place = SnapshotChains::Place;

// "git/x.bundle: …" becomes "…": the damage names its object itself.
std::string without_key(const Error& error, const std::string& key) {
  const std::string& text = error.message();
  return text.starts_with(key + ": ") ? text.substr(key.size() + 2) : text;
}

class Prover {
 public:
  Prover(const VerifyContext& context, const std::string& folder, const SnapshotChains& chains,
         const std::stop_token& stop)
      : context_(context), folder_(folder), chains_(chains), stop_(stop), states_(chains.size()) {}

  Proof run() {
    for (const Place end : chains_.ends()) {
      try {
        prove_chain(chains_.way_to(end));
      } catch (const Error& error) {
        if (error.kind() == ErrorKind::cancelled) throw;
        if (!proof_.error) proof_.error = error;  // another chain may need less of this machine
      }
    }
    for (Damage& damage : proof_.damages)
      std::sort(damage.snapshots.begin(), damage.snapshots.end(), std::greater<>());
    return std::move(proof_);
  }

 private:
  struct State {
    bool is_decided = false;     // its snapshots are, or cannot be
    bool is_unreadable = false;  // its pack is not to be had, and so nothing after it
    ObjectKey blamed;            // the first bundle on the way here that did not bring what it should
  };

  void prove_chain(const std::vector<Place>& way) {
    const bool is_cut =
        std::any_of(way.begin(), way.end(), [&](Place p) { return states_[p].is_unreadable; });
    if (is_cut) return;
    const GitPart git = whole_of(way);
    check_disk("rebuilding its snapshots", context_.scratch, disk_needed(git, RepositoryKind::bare));
    const ScratchFolderGuard scratch(context_.scratch / fmt::format("hubkeep-verify-{}", random_hex(16)));
    const auto builder = create_repository(
        scratch.path(), {git.format, RepositoryKind::bare, largest_delta(git), largest_pack(git)}, stop_);
    for (const Place place : way) {
      State& state = states_[place];
      const bool is_new = !state.is_decided;  // else it is part of another chain as well
      if (is_new && !chains_.at(place).is_root()) state.blamed = states_[chains_.at(place).before].blamed;
      if (!import(place, *builder)) {
        state.is_unreadable = true;
        return;
      }
      if (is_new) prove_link(place, *builder);
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
      import_bundle({.vault = context_.vault, .folder = folder_, .received = received}, bundle, builder,
                    stop_);
      note_read(bundle.record);
      return true;
    } catch (const Error& error) {
      if (error.kind() == ErrorKind::cold || error.kind() == ErrorKind::not_found) return false;
      if (error.kind() != ErrorKind::corrupt) throw;
      if (is_as_written(bundle.record)) blame_all(place, without_key(error, bundle.record.key));
      return false;
    }
  }

  // A pack may need for its deltas what an earlier one has left out: then that is to blame.
  // LieTest.APackThatRestsOnALieIsNotToBlame.
  void blame_all(Place place, const std::string& why) {
    ObjectKey& blamed = states_[place].blamed;
    if (blamed.empty()) blamed = resolve_key(folder_, chains_.at(place).bundle.record.key);
    for (const SnapshotId& snapshot : chains_.snapshots_from(place))
      add(blamed, "is as it was written, but git cannot read its pack: " + why, snapshot);
  }

  void note_read(const ObjectRecord& record) {
    proof_.checked[record] = {.is_there = true, .is_read = true, .bytes_read = record.size};
  }

  // Reads it, since what was read of it until something was wrong does not tell whose fault that is.
  bool is_as_written(const ObjectRecord& record) {
    const Checked& checked = proof_.checked[record] = read_object(context_, folder_, record, stop_);
    return checked.is_read && !checked.damage;
  }

  // Oldest first: what a bundle brings, the first snapshot shows.
  void prove_link(Place place, RepositoryBuilder& builder) {
    std::vector<ChainedSnapshot> snapshots = chains_.at(place).snapshots;
    std::sort(snapshots.begin(), snapshots.end(), [](const auto& a, const auto& b) { return a.id < b.id; });
    const ChainedSnapshot* before = nullptr;
    std::optional<std::string> lack;
    bool is_any_whole = false;
    for (const ChainedSnapshot& snapshot : snapshots) {
      if (snapshot.says_what_it_lacks) continue;
      // A part that did not change names the objects of the snapshot before.
      const bool is_same = before && before->refs == snapshot.refs && before->head == snapshot.head;
      if (!is_same) lack = lack_of(place, snapshot, builder);
      before = &snapshot;
      if (!lack) continue;
      if (!lack->empty()) {
        blame(place, snapshot, *lack, is_any_whole);
        continue;
      }
      is_any_whole = true;
      proof_.proved.insert(snapshot.id);
    }
  }

  // What the snapshot lacks; empty where it is whole, nothing where its refs cannot be had.
  std::optional<std::string> lack_of(Place place, const ChainedSnapshot& snapshot,
                                     RepositoryBuilder& builder) {
    const GitPart git{
        .format = chains_.at(place).format, .head = snapshot.head, .refs = snapshot.refs, .bundles = {}};
    const auto refs = read_refs(snapshot.id, git);
    if (!refs) return std::nullopt;
    try {
      builder.write_refs(*refs);
      builder.prove_connected(*refs);
      return std::string();
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::corrupt) throw;
      return error.message();
    }
  }

  std::optional<RefState> read_refs(const SnapshotId& snapshot, const GitPart& git) {
    try {
      RefState refs = context_.vault.read_ref_state(folder_, git, stop_);
      for (const ObjectRecord& record : git.refs) note_read(record);
      return refs;
    } catch (const Error& error) {
      if (error.kind() == ErrorKind::cold || error.kind() == ErrorKind::not_found) return std::nullopt;
      if (error.kind() != ErrorKind::corrupt) throw;
      bool are_as_written = true;
      for (const ObjectRecord& record : git.refs) are_as_written = is_as_written(record) && are_as_written;
      if (are_as_written && !git.refs.empty())
        add(resolve_key(folder_, git.refs.back().key),
            "is as it was written, but cannot be read: " + error.message(), snapshot);
      return std::nullopt;
    }
  }

  // What came after a bundle that lacks objects may lack them for that reason alone. A snapshot without a
  // bundle of its own, after one that is whole, says of itself more than was brought: its refs are to blame,
  // but for no later snapshot. What is built on it need not name them, and a repair looks at what is named.
  void blame(Place place, const ChainedSnapshot& snapshot, const std::string& lack, bool is_bundle_whole) {
    const SnapshotChains::Link& link = chains_.at(place);
    const bool is_of_refs = is_bundle_whole || link.is_root();
    ObjectKey& blamed = states_[place].blamed;
    if (blamed.empty() && !is_of_refs) blamed = resolve_key(folder_, link.bundle.record.key);
    const std::string own = snapshot.refs.empty() ? manifest_key(snapshot.id) : snapshot.refs.back().key;
    add(blamed.empty() ? resolve_key(folder_, own) : blamed,
        fmt::format(
            "{}: {}; the server left it out, or sent another's pack",
            is_of_refs ? "names what no bundle has brought" : "does not bring what its snapshot needs", lack),
        snapshot.id);
  }

  void add(const ObjectKey& key, const std::string& detail, const SnapshotId& snapshot) {
    auto known = std::find_if(proof_.damages.begin(), proof_.damages.end(),
                              [&](const Damage& damage) { return damage.key == key; });
    if (known == proof_.damages.end())
      known = proof_.damages.insert(
          known, {.key = key, .kind = DamageKind::connectivity, .detail = detail, .snapshots = {}});
    known->snapshots.push_back(snapshot);
  }

  const VerifyContext& context_;
  const std::string& folder_;
  const SnapshotChains& chains_;
  const std::stop_token& stop_;
  std::vector<State> states_;  // of each link
  Proof proof_;
};

}  // namespace

Proof prove_snapshots(const VerifyContext& context, const std::string& folder, const SnapshotChains& chains,
                      const std::stop_token& stop) {
  return Prover(context, folder, chains, stop).run();
}

}  // namespace hubkeep
