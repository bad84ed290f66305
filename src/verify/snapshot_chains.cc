// A tree with a root for each object format. A snapshot is added by following its bundles from the root as
// long as they are the same, by key, size and hash, and by a new branch from the first that is not.
#include "verify/snapshot_chains.h"

#include <algorithm>
#include <functional>

namespace hubkeep {
namespace {

bool are_the_same(const ObjectRecord& a, const ObjectRecord& b) {
  return a.key == b.key && a.size == b.size && a.sha256 == b.sha256;
}

}  // namespace

std::string held_ref(const Oid& oid) {
  return "refs/hubkeep/held/" + oid.hex();
}

void SnapshotChains::add(const SnapshotId& id, const GitPart& git) {
  Place place = root_of(git.format);
  for (const Bundle& bundle : git.bundles) place = follow(place, bundle, id);
  links_[place].snapshots.push_back({.id = id,
                                     .head = git.head,
                                     .refs = git.refs,
                                     .held = git.held,
                                     .says_what_it_lacks = git.missing_objects > 0});
}

std::vector<SnapshotChains::Place> SnapshotChains::ends() const {
  std::vector<Place> ends;
  for (Place place = 0; place < links_.size(); ++place)
    if (links_[place].after.empty()) ends.push_back(place);
  return ends;
}

std::vector<SnapshotChains::Place> SnapshotChains::way_to(Place end) const {
  std::vector<Place> way;
  for (Place place = end; place != kNowhere; place = links_[place].before) way.push_back(place);
  std::reverse(way.begin(), way.end());
  return way;
}

std::vector<SnapshotId> SnapshotChains::snapshots_from(Place place) const {
  std::vector<SnapshotId> ids;
  std::vector<Place> pending = {place};
  while (!pending.empty()) {
    const Link& link = links_[pending.back()];
    pending.pop_back();
    for (const ChainedSnapshot& snapshot : link.snapshots) ids.push_back(snapshot.id);
    pending.insert(pending.end(), link.after.begin(), link.after.end());
  }
  std::sort(ids.begin(), ids.end(), std::greater<>());
  return ids;
}

SnapshotChains::Place SnapshotChains::root_of(ObjectFormat format) {
  const auto found = roots_.find(format);
  if (found != roots_.end()) return found->second;
  const Place root = append({.format = format, .bundle = {}, .snapshots = {}, .after = {}});
  roots_.emplace(format, root);
  return root;
}

SnapshotChains::Place SnapshotChains::follow(Place from, const Bundle& bundle, const SnapshotId& by) {
  for (const Place next : links_[from].after) {
    if (!are_the_same(links_[next].bundle.record, bundle.record)) continue;
    note_words(links_[next], bundle, by);
    return next;
  }
  const Place next =
      append({.format = links_[from].format, .before = from, .bundle = bundle, .snapshots = {}, .after = {}});
  links_[from].after.push_back(next);
  return next;
}

void SnapshotChains::note_words(Link& link, const Bundle& bundle, const SnapshotId& by) {
  if (link.bundle == bundle) return;
  for (OtherWords& other : link.in_other_words)
    if (other.bundle == bundle) return other.snapshots.push_back(by);
  link.in_other_words.push_back({.bundle = bundle, .snapshots = {by}});
}

SnapshotChains::Place SnapshotChains::append(Link link) {
  links_.push_back(std::move(link));
  return links_.size() - 1;
}

}  // namespace hubkeep
