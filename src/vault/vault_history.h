// The objects of a snapshot's history, read out of its bundles piece by piece.
#pragma once

#include <memory>
#include <stop_token>
#include <string>

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

/// The index of a bundle, checked against its record. Throws Error: corrupt, also where the bundle has none;
/// that of the budget; those of the store.
std::string read_bundle_index(VaultObjects& objects, const std::string& folder, const Bundle& bundle,
                              ReadBudget& budget, const std::stop_token& stop);

/// Reads the indexes, and nothing yet of the bundles: one that is cold, or not there, is told when an object
/// of it is read. Keeps references to `objects` and `budget`. Throws as read_bundle_index() does.
std::unique_ptr<PackChain> open_chain(VaultObjects& objects, const std::string& folder, const GitPart& git,
                                      ReadBudget& budget, const HistoryOptions& options,
                                      const std::stop_token& stop);

}  // namespace hubkeep
