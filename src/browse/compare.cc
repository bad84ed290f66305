#include "browse/compare.h"

#include <map>

#include "base/error.h"
#include "browse/compare_commits.h"
#include "browse/revision.h"

namespace hubkeep {
namespace {

using RefMap = std::map<std::string, Oid>;

RefMap branches_and_tags(const RefState& state) {
  RefMap refs;
  for (const auto& ref : state.refs)
    if (ref.name.starts_with("refs/heads/") || ref.name.starts_with("refs/tags/"))
      refs.emplace(ref.name, ref.oid);
  return refs;
}

// Nothing for a tag of a file.
std::optional<Oid> commit_if_any(PackChain& objects, const Oid& oid, const std::stop_token& stop) {
  try {
    return commit_of(objects, oid, stop);
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::invalid) throw;
    return std::nullopt;
  }
}

class Comparison {
 public:
  Comparison(PackChain& objects, const std::stop_token& stop)
      : objects_(objects), stop_(stop), graph_(objects, stop) {}

  std::vector<RefDifference> refs(const RefMap& before, const RefMap& after) {
    std::map<std::string, RefDifference> all;
    for (const auto& [name, oid] : before) all[name].before = oid;
    for (const auto& [name, oid] : after) all[name].after = oid;
    std::vector<RefDifference> result;
    for (auto& [name, difference] : all) {
      if (difference.before == difference.after) continue;
      difference.name = name;
      decide(difference);
      result.push_back(std::move(difference));
    }
    return result;
  }

  CommitDifference commits(const RefMap& before, const RefMap& after) {
    return graph_.compare(commits_of(before), commits_of(after));
  }

  std::vector<Commit> read(const std::vector<Oid>& oids) {
    std::vector<Commit> commits;
    for (const Oid& oid : oids)
      commits.push_back(parse_commit(oid, read_object(objects_, oid, ObjectType::commit, stop_)));
    return commits;
  }

  std::optional<Oid> tree_of_head(const RefState& refs) {
    if (!refs.head.oid) return std::nullopt;
    return tree_of(objects_, *refs.head.oid, stop_);
  }

 private:
  void decide(RefDifference& difference) {
    if (!difference.before || !difference.after) {
      difference.change = difference.after ? RefChange::came : RefChange::went;
      return;
    }
    const auto before = commits_of({{"", *difference.before}});
    const auto after = commits_of({{"", *difference.after}});
    const CommitDifference commits = graph_.compare(before, after);
    difference.went = commits.went.size();
    difference.came = commits.came.size();
    if (difference.went > 0)
      difference.change = RefChange::rewound;
    else
      difference.change = difference.came > 0 ? RefChange::forward : RefChange::moved;
  }

  std::vector<Oid> commits_of(const RefMap& refs) {
    std::vector<Oid> commits;
    for (const auto& [name, oid] : refs)
      if (const auto commit = commit_if_any(objects_, oid, stop_)) commits.push_back(*commit);
    return commits;
  }

  PackChain& objects_;
  const std::stop_token stop_;
  CommitGraph graph_;
};

}  // namespace

std::string_view to_string(RefChange change) {
  switch (change) {
    case RefChange::came:
      return "came";
    case RefChange::went:
      return "went";
    case RefChange::forward:
      return "forward";
    case RefChange::rewound:
      return "rewound";
    case RefChange::moved:
      return "moved";
  }
  return "moved";
}

SnapshotDifference compare_snapshots(const OpenedSnapshot& before, const OpenedSnapshot& after,
                                     PackChain& objects, const std::stop_token& stop) {
  Comparison comparison(objects, stop);
  const RefMap refs_before = branches_and_tags(before.refs);
  const RefMap refs_after = branches_and_tags(after.refs);
  SnapshotDifference difference{.refs = comparison.refs(refs_before, refs_after)};
  const CommitDifference commits = comparison.commits(refs_before, refs_after);
  difference.went = comparison.read(commits.went);
  difference.came = comparison.read(commits.came);
  difference.files =
      compare_trees(objects, comparison.tree_of_head(before.refs), comparison.tree_of_head(after.refs), stop);
  return difference;
}

}  // namespace hubkeep
