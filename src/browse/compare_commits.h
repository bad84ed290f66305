// Which commits two states of a history do not share.
#pragma once

#include <map>
#include <stop_token>
#include <unordered_map>
#include <vector>

#include "browse/commit.h"
#include "pack/pack_chain.h"

namespace hubkeep {

/// Newest first.
struct CommitDifference {
  std::vector<Oid> went;  // reachable before, and no more
  std::vector<Oid> came;
};

/// Remembers each commit that it has read: about 150 bytes.
class CommitGraph {
 public:
  CommitGraph(PackChain& objects, const std::stop_token& stop) : objects_(objects), stop_(stop) {}

  /// Of commits. Walks from the newest back, until all that is left is reachable from both. Throws
  /// Error(corrupt) for what is not there.
  CommitDifference compare(const std::vector<Oid>& before, const std::vector<Oid>& after);

 private:
  struct Node {
    std::int64_t time = 0;
    std::vector<Oid> parents;
  };

  const Node& node(const Oid& oid);

  PackChain& objects_;
  const std::stop_token stop_;
  std::unordered_map<Oid, Node> nodes_;
};

}  // namespace hubkeep
