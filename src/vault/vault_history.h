// The objects of a snapshot's history, read out of its bundles piece by piece.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include "base/error.h"
#include "pack/block_source.h"
#include "pack/pack_chain.h"
#include "pack/read_budget.h"
#include "vault/git_part.h"
#include "vault/vault_objects.h"

namespace hubkeep {

struct HistoryOptions {
  BlockOptions blocks;  // of each bundle
  ByteCount cache = ByteCount{32} << 20;
  ByteCount largest_object = kLargestObjectToMake;
};

/// Checked against its record.
struct BundleIndex {
  std::string bytes;
  std::optional<Error> error = {};  // corrupt or not_found: it is not to be had
};

/// The index of each of these bundles, in their order; corrupt where one has none. A few are read at once,
/// and nothing beside them is held in memory. Throws Error: that of the budget; the others of the store.
std::vector<BundleIndex> read_bundle_indexes(VaultObjects& objects, const std::string& folder,
                                             std::span<const Bundle* const> bundles, ReadBudget& budget,
                                             const std::stop_token& stop);

/// Reads the indexes, and nothing yet of the bundles: one that is cold, or not there, is told when an object
/// of it is read. Keeps references to `objects` and `budget`. Throws as read_bundle_indexes() does, and the
/// Error of an index.
std::unique_ptr<PackChain> open_chain(VaultObjects& objects, const std::string& folder, const GitPart& git,
                                      ReadBudget& budget, const HistoryOptions& options,
                                      const std::stop_token& stop);

}  // namespace hubkeep
