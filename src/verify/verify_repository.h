// Verifies one repository: that every object which a snapshot of it needs is there, and as it was written.
#pragma once

#include <filesystem>
#include <stop_token>

#include "vault/vault.h"
#include "verify/data_subset.h"
#include "verify/verdict.h"
#include "verify/verify_state.h"

namespace hubkeep {

/// All of it is thread-safe and outlives the verification.
struct VerifyContext {
  Vault& vault;
  DataChooser& chooser;  // which objects are read
  VerifyObserver& observer;
  std::size_t readers = 1;  // objects of one repository at once
  const RememberedStates* states = nullptr;
  std::filesystem::path scratch = {};  // where each snapshot is rebuilt; empty: none is
};

/// `entry` is the catalog's, or one that only has a folder where the catalog does not know of it. Memory
/// grows with the number of the repository's objects, not with their size. Does not throw Error but
/// cancelled: what keeps it from looking is in the verdict.
Verdict verify_repository(const VerifyContext& context, const CatalogEntry& entry,
                          const std::stop_token& stop);

}  // namespace hubkeep
