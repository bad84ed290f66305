// Proves a chain of bundles while it grows, as a clone proves what it received: every object of the new pack
// is made and named, and every object that is named by them, or by a ref, must be in the chain. What the
// packs before have is told by their indexes; those that an older version wrote have none, and are read once.
//
// A bundle that has an index was proved on top of the bundles before it, but for what its snapshot names as
// missing. So only what is new has to be looked at, and a chain may be cut behind any of its bundles, though
// not before one that brought what was missing.
#pragma once

#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "backup/git_snapshot_writer.h"
#include "backup/outcome.h"
#include "pack/block_source.h"
#include "pack/link_set.h"
#include "pack/pack_chain.h"
#include "pack/read_budget.h"
#include "vault/vault_history.h"

namespace hubkeep {

/// What may be read of the bundles before to make the objects of a thin pack: as much as the pack has, or
/// this: a small change of a large file needs the file, and blocks are read, not bytes. As much again where
/// something is missing, to name it.
constexpr ByteCount kLeastReadOfChain = ByteCount{8} << 20;
/// The indexes of the chain may be so large however small the increment is, or so many times as large as it.
constexpr ByteCount kIndexesBesideAnIncrement = ByteCount{32} << 20;
constexpr ByteCount kIndexesPerIncrement = 4;
/// Of one pack: 140 million objects.
constexpr ByteCount kMaxIndexInMemory = ByteCount{4} << 30;

/// Of one part of one repository. One thread. Keeps a reference to `work`.
class ChainProof {
 public:
  ChainProof(RepositoryWork& work, PartPlace place);

  /// Proves `git` with what `fetched` brought for `target`, and says so in it: indexes, `proved` or why not,
  /// and what is missing. Throws Error: transient where the pack lacks what was asked for, `arrival` says so
  /// then; and what the store throws. Then the snapshot that is being made has another name, since the
  /// bundle has the one it had.
  void prove(GitPart& git, const RefState& target, const FetchPlan& plan, FetchedPack& fetched,
             PackArrival& arrival);
  /// The same of a chain to which nothing was added.
  void prove_stored(GitPart& git, const RefState& target);

  /// Of what the last proof found missing, as much as is worth asking for: more than a manifest names.
  const std::vector<MissingObject>& missing() const { return missing_; }
  /// Whether the chain that was proved last has it. Only where that was proved is all there that it leads to.
  bool has(const Oid& oid) const { return chain_ && chain_->contains(oid); }
  /// Of all proofs so far.
  ProofReads reads() const;

 private:
  struct NewPack;

  void try_to_prove(GitPart& git, const RefState& target, const FetchPlan& plan, FetchedPack& fetched);
  void look_for_what_was_missing(GitPart& git, const OidSet& came);
  void withdraw_indexes(GitPart& git) const;
  void load(GitPart& git, std::size_t bundles, ByteCount increment);
  void reserve(const GitPart& git, std::size_t bundles, ByteCount increment);
  std::vector<BundleIndex> read_indexes(std::span<const Bundle> bundles);
  void add(Bundle& bundle, BundleIndex read, ObjectFormat format);
  void lose_index(Bundle& bundle, const Error& error);
  void require_memory_for(const Bundle& bundle) const;
  std::string index_stored(Bundle& bundle, ObjectFormat format);
  NewPack make(const Bundle& bundle, PackIntake& intake);
  ObjectRecord write_index(const Bundle& bundle, const std::string& index);
  std::vector<MissingObject> name_missing(const Bundle& bundle, NewPack& pack, ObjectFormat format);
  void forget_what_is_there(LinkSet& links) const;
  std::unique_ptr<ByteSource> source_of(const Bundle& bundle, ReadBudget& budget,
                                        const BlockOptions& blocks) const;

  RepositoryWork& work_;
  const PartPlace place_;
  std::unique_ptr<PackChain> chain_;
  std::vector<ObjectRecord> loaded_;  // the bundles in it, base first
  std::optional<MemoryBudget::Lease> lease_;
  ReadBudget indexes_;  // what is read of them
  ReadBudget bases_;    // of the packs in the chain
  ProofReads again_;    // of packs that were made already
  std::vector<MissingObject> missing_;
  // What older bundles lacked when they came, as far as their indexes were made in this proof.
  std::vector<MissingObject> late_;
  std::uint64_t late_unnamed_ = 0;
  std::set<std::string> lacking_;       // their keys
  std::set<std::string> lost_indexes_;  // keys
};

}  // namespace hubkeep
