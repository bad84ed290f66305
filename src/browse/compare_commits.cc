// Each commit is painted with the sides that reach it, and passes its paint on to its parents. By time, so
// that what both sides share is found after what only one has. Where clocks were wrong, a shared commit may
// be found late: what it painted is painted again, and the walk goes on for a while after all seems to be
// shared, as git does (SLOP in its revision.c).
#include "browse/compare_commits.h"

#include <algorithm>
#include <set>
#include <utility>

#include "base/error.h"
#include "browse/tree_path.h"

namespace hubkeep {
namespace {

constexpr unsigned kBefore = 1;
constexpr unsigned kAfter = 2;
constexpr unsigned kBoth = kBefore | kAfter;
constexpr int kSlop = 64;

}  // namespace

const CommitGraph::Node& CommitGraph::node(const Oid& oid) {
  const auto found = nodes_.find(oid);
  if (found != nodes_.end()) return found->second;
  Commit commit = parse_commit(oid, read_object(objects_, oid, ObjectType::commit, stop_));
  return nodes_.emplace(oid, Node{commit.committer.time, std::move(commit.parents)}).first->second;
}

CommitDifference CommitGraph::compare(const std::vector<Oid>& before, const std::vector<Oid>& after) {
  std::unordered_map<Oid, unsigned> paint;
  std::set<std::pair<std::int64_t, Oid>> queue;
  std::size_t open = 0;  // in the queue, and not known to be shared
  const auto add = [&](const Oid& oid, unsigned side) {
    unsigned& has = paint[oid];
    if ((has | side) == has) return;
    const std::pair place(-node(oid).time, oid);
    const bool waits = queue.contains(place);
    const bool was_open = waits && has != kBoth;
    has |= side;
    const bool is_open = has != kBoth;
    queue.insert(place);
    if (is_open && !was_open) ++open;
    if (!is_open && was_open) --open;
  };
  for (const Oid& oid : before) add(oid, kBefore);
  for (const Oid& oid : after) add(oid, kAfter);
  for (int slop = kSlop; !queue.empty() && slop > 0;) {
    if (stop_.stop_requested()) throw Error(ErrorKind::cancelled, "stopped");
    slop = open > 0 ? kSlop : slop - 1;
    const Oid oid = queue.extract(queue.begin()).value().second;
    const unsigned side = paint[oid];
    if (side != kBoth) --open;
    for (const Oid& parent : node(oid).parents) add(parent, side);
  }
  CommitDifference difference;
  for (const auto& [oid, side] : paint) {
    if (side == kBefore) difference.went.push_back(oid);
    if (side == kAfter) difference.came.push_back(oid);
  }
  for (auto* oids : {&difference.went, &difference.came})
    std::sort(oids->begin(), oids->end(), [&](const Oid& a, const Oid& b) {
      return std::pair(-node(a).time, a) < std::pair(-node(b).time, b);
    });
  return difference;
}

}  // namespace hubkeep
