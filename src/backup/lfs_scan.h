// LFS pointers in bundles that are stored already, of a time when nobody collected them. A bundle is read
// once, as a whole; bases of a thin pack are read from the bundles before it, piece by piece, by their
// indexes.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "base/memory_budget.h"
#include "git/lfs_pointers.h"
#include "pack/pack_chain.h"
#include "pack/read_budget.h"
#include "vault/git_part.h"

namespace hubkeep {

class PackIntake;
class RepositoryWork;
struct IndexedPack;

/// Of one chain. One thread. Keeps references.
class LfsScan {
 public:
  LfsScan(const RepositoryWork& work, const GitPart& git);
  ~LfsScan();

  /// What the bundle at this place of the chain points at; cheapest base first. Deltas are made as far as
  /// there are room and indexes for it, and counted otherwise: unresolved(). Throws Error: cold for a bundle
  /// that is archived, corrupt or not_found for one that is damaged or lost, be it this one or one that has
  /// bases for it; cancelled; and what else the store throws.
  LfsPointers read(std::size_t place);

 private:
  class Older;

  std::optional<IndexedPack> make(std::size_t place, PackIntake& intake);
  void load_before(std::size_t place);
  void load_new(std::size_t place, const IndexedPack& pack);
  bool has_room_for(ByteCount index);
  std::unique_ptr<ByteSource> source_of(const Bundle& bundle, ReadBudget& budget) const;

  const RepositoryWork& work_;
  const GitPart& git_;
  std::unique_ptr<PackChain> chain_;  // of bundles before next_
  std::size_t next_ = 0;
  bool lacks_some_ = false;  // of them: without an index, or without room for it
  ByteCount held_ = 0;       // of indexes
  std::vector<MemoryBudget::Lease> leases_;
  ReadBudget indexes_;
  ReadBudget bases_;
};

}  // namespace hubkeep
