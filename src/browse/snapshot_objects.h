// What a snapshot holds, opened to be looked into: its refs, and its objects out of its bundles.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <stop_token>
#include <string>
#include <vector>

#include "browse/cache_folder.h"
#include "git/lfs_pointers.h"
#include "git/ref.h"
#include "pack/pack_chain.h"
#include "pack/read_budget.h"
#include "vault/git_part.h"
#include "vault/manifest.h"
#include "vault/vault.h"
#include "vault/vault_history.h"

namespace hubkeep {

struct BrowseOptions {
  std::filesystem::path cache = {};  // empty: none
  ByteCount memory = 0;              // for indexing, and the largest object
  std::function<void(const std::string&)> notice = {};
};

/// A state of a repository.
struct OpenedSnapshot {
  Manifest manifest;
  GitPart git;
  RefState refs;
};

/// A git repository that snapshots hold.
struct BrowsedPart {
  CatalogEntry entry;
  PartName part;
};

/// A repository to look into. Keeps references to its arguments.
class BrowsedRepository {
 public:
  /// "owner/name.wiki" is a wiki, unless a repository has that name. Throws Error as find_repository() does.
  BrowsedRepository(Vault& vault, const std::string& name, const BrowseOptions& options,
                    const std::stop_token& stop);
  ~BrowsedRepository();

  const std::string& name() const { return entry_.listing.full_name; }

  /// As find_snapshot() finds it. Throws Error as that does, and what reading throws.
  OpenedSnapshot open(const std::string& at);
  /// The objects of all of them together. A bundle without an index is read once to make one, and the cache
  /// keeps it. Throws Error as read_bundle_indexes() does; invalid where the memory is too small for that.
  std::unique_ptr<PackChain> objects_of(const std::vector<const OpenedSnapshot*>& snapshots);

  /// Streams the content that a pointer in the snapshot stands for into `sink`. Throws Error: not_found,
  /// which says why the vault lacks it and what to do; corrupt for other bytes, of which `sink` has then seen
  /// some.
  void read_lfs_object(const OpenedSnapshot& snapshot, const LfsPointer& pointer, ByteSink& sink);

  /// Runs `action`; an Error that leaves it says what a person can do about it.
  template <typename Action>
  auto advised(Action&& action) -> decltype(action()) {
    try {
      return action();
    } catch (const Error& error) {
      throw with_advice(error);
    }
  }

 private:
  class CachedBlocks;

  void require_part() const;
  void stream(const std::string& oid, ByteCount size, ByteSink& sink);
  void tell_of_indexing(const std::vector<Bundle>& bundles);
  std::map<std::string, BundleIndex> read_indexes(const std::vector<Bundle>& bundles);
  std::string index_of(PackChain& older, const Bundle& bundle, BundleIndex& read);
  std::string made_index(PackChain& older, const Bundle& bundle);
  std::unique_ptr<ByteSource> pack_of(const Bundle& bundle);
  Error with_advice(const Error& error);

  Vault& vault_;
  const BrowseOptions options_;
  const std::stop_token stop_;
  const BrowsedPart browsed_;
  const CatalogEntry& entry_ = browsed_.entry;
  CacheFolder cache_;
  std::set<std::string> used_blocks_;
  ReadBudget budget_;
};

}  // namespace hubkeep
