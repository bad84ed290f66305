// The commits and tags of a pack that came last, with their content. git stores some of them as deltas,
// mostly of one right before: with that at hand such a delta can be applied, and has a name. The memory is
// bounded.
#pragma once

#include <cstddef>
#include <deque>
#include <string>
#include <unordered_map>

#include "git/oid.h"
#include "git/pack_entry.h"

namespace hubkeep {

class RecentCommits {
 public:
  static constexpr std::size_t kLargest = std::size_t{32} << 10U;  // that is kept

  struct Commit {
    ByteCount offset = 0;          // in the pack
    PackEntryType type = kCommit;  // or kTag
    Oid oid;
    std::string content;
  };

  /// Ascending by offset.
  void add(Commit commit);
  /// Null where it is not among them. Valid until the next add().
  const Commit* at(ByteCount offset) const;
  const Commit* named(const Oid& oid) const;

 private:
  std::deque<Commit> commits_;
  std::unordered_map<Oid, ByteCount> offsets_;
  std::size_t size_ = 0;  // bytes of content
};

}  // namespace hubkeep
