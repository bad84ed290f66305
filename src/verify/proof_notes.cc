#include "verify/proof_notes.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/error.h"

namespace hubkeep {

std::string without_key(const Error& error, const std::string& key) {
  const std::string& text = error.message();
  return text.starts_with(key + ": ") ? text.substr(key.size() + 2) : text;
}

ProofNotes::ProofNotes(const VerifyContext& context, const std::string& folder, const SnapshotChains& chains,
                       const std::stop_token& stop)
    : context_(context), folder_(folder), chains_(chains), stop_(stop), blamed_(chains.size()) {}

void ProofNotes::begin(Place place) {
  const Place before = chains_.at(place).before;
  if (before != SnapshotChains::kNowhere) blamed_[place] = blamed_[before];
}

void ProofNotes::note_read(const ObjectRecord& record) {
  proof_.checked[record] = {.is_there = true, .is_read = true, .bytes_read = record.size};
}

bool ProofNotes::is_as_written(const ObjectRecord& record) {
  const Checked& checked = proof_.checked[record] = read_object(context_, folder_, record, stop_);
  return checked.is_read && !checked.damage;
}

ObjectKey ProofNotes::key_of_bundle(Place place) const {
  return resolve_key(folder_, chains_.at(place).bundle.record.key);
}

// A pack may need for its deltas what an earlier one has left out: then that is to blame.
// LieTest.APackThatRestsOnALieIsNotToBlame.
void ProofNotes::blame_all(Place place, const std::string& why) {
  suspect(place, place);
  add(blamed_[place], DamageKind::connectivity, "is as it was written, but git cannot read its pack: " + why,
      chains_.snapshots_from(place));
}

void ProofNotes::suspect(Place place, Place culprit) {
  if (blamed_[place].empty()) blamed_[place] = key_of_bundle(culprit);
}

// Oldest first: what a bundle brings, the first snapshot shows.
void ProofNotes::judge(Place place, const Lack& lack_in) {
  std::vector<ChainedSnapshot> snapshots = chains_.at(place).snapshots;
  std::sort(snapshots.begin(), snapshots.end(), [](const auto& a, const auto& b) { return a.id < b.id; });
  const ChainedSnapshot* before = nullptr;
  std::optional<std::string> lack;
  bool is_any_whole = false;
  for (const ChainedSnapshot& snapshot : snapshots) {
    if (snapshot.says_what_it_lacks) continue;
    // A part that did not change names the objects of the snapshot before.
    const bool is_same = before && before->refs == snapshot.refs && before->head == snapshot.head &&
                         before->held == snapshot.held;
    if (!is_same) lack = lack_of(place, snapshot, lack_in);
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
std::optional<std::string> ProofNotes::lack_of(Place place, const ChainedSnapshot& snapshot,
                                               const Lack& lack) {
  const GitPart git{
      .format = chains_.at(place).format, .head = snapshot.head, .refs = snapshot.refs, .bundles = {}};
  const auto refs = read_refs(snapshot.id, git);
  if (!refs) return std::nullopt;
  try {
    return lack(snapshot, *refs);
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::corrupt) throw;
    return error.message();
  }
}

std::optional<RefState> ProofNotes::read_refs(const SnapshotId& snapshot, const GitPart& git) {
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
      add(resolve_key(folder_, git.refs.back().key), DamageKind::connectivity,
          "is as it was written, but cannot be read: " + error.message(), {snapshot});
    return std::nullopt;
  }
}

// What came after a bundle that lacks objects may lack them for that reason alone. A snapshot without a
// bundle of its own, after one that is whole, says of itself more than was brought: its refs are to blame,
// but for no later snapshot. What is built on it need not name them, and a repair looks at what is named.
void ProofNotes::blame(Place place, const ChainedSnapshot& snapshot, const std::string& lack,
                       bool is_bundle_whole) {
  const bool is_of_refs = is_bundle_whole || chains_.at(place).is_root();
  if (!is_of_refs) suspect(place, place);
  const ObjectKey& blamed = blamed_[place];
  const std::string own = snapshot.refs.empty() ? manifest_key(snapshot.id) : snapshot.refs.back().key;
  add(blamed.empty() ? resolve_key(folder_, own) : blamed, DamageKind::connectivity,
      fmt::format("{}: {}; the server left it out, or sent another's pack",
                  is_of_refs ? "names what no bundle has brought" : "does not bring what its snapshot needs",
                  lack),
      {snapshot.id});
}

void ProofNotes::add(const ObjectKey& key, DamageKind kind, const std::string& detail,
                     const std::vector<SnapshotId>& snapshots) {
  auto known = std::find_if(proof_.damages.begin(), proof_.damages.end(),
                            [&](const Damage& damage) { return damage.key == key && damage.kind == kind; });
  if (known == proof_.damages.end())
    known = proof_.damages.insert(known, {.key = key, .kind = kind, .detail = detail, .snapshots = {}});
  known->snapshots.insert(known->snapshots.end(), snapshots.begin(), snapshots.end());
}

void ProofNotes::fail(const Error& error) {
  if (!proof_.error) proof_.error = error;
}

Proof ProofNotes::finish() {
  for (Damage& damage : proof_.damages) {
    auto& snapshots = damage.snapshots;
    std::sort(snapshots.begin(), snapshots.end(), std::greater<>());
    snapshots.erase(std::unique(snapshots.begin(), snapshots.end()), snapshots.end());
  }
  return std::move(proof_);
}

}  // namespace hubkeep
