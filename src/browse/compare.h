// What became of a repository between two snapshots.
#pragma once

#include <cstdint>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "browse/commit.h"
#include "browse/compare_trees.h"
#include "browse/snapshot_objects.h"

namespace hubkeep {

enum class RefChange {
  came,
  went,
  forward,  // to what builds on what it was
  rewound,  // commits are gone from it
  moved,    // to another object, with the same commits
};

std::string_view to_string(RefChange change);

struct RefDifference {
  std::string name;
  RefChange change = RefChange::moved;
  std::optional<Oid> before;
  std::optional<Oid> after;
  std::uint64_t went = 0;  // commits of it
  std::uint64_t came = 0;
};

struct SnapshotDifference {
  std::vector<RefDifference> refs;  // branches and tags, by name
  std::vector<Commit> went;         // from all branches and tags together, newest first
  std::vector<Commit> came;
  FileChanges files;  // of HEAD
};

/// `objects` are those of both. Throws Error(corrupt) for what is not there.
SnapshotDifference compare_snapshots(const OpenedSnapshot& before, const OpenedSnapshot& after,
                                     PackChain& objects, const std::stop_token& stop);

}  // namespace hubkeep
