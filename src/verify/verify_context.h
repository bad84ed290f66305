// What every step of a verification is given.
#pragma once

#include <filesystem>
#include <memory>

#include "base/memory_budget.h"
#include "base/underway.h"
#include "vault/vault.h"
#include "verify/checked.h"
#include "verify/data_subset.h"
#include "verify/verdict.h"
#include "verify/verify_state.h"

namespace hubkeep {

/// Of objects that repositories share, by name_of_shared().
using SharedChecks = Underway<Checked>;

/// All of it is thread-safe and outlives the verification.
struct VerifyContext {
  Vault& vault;
  DataChooser& chooser;  // which objects are read
  VerifyObserver& observer;
  std::size_t readers = 1;  // objects of one repository at once
  const RememberedStates* states = nullptr;
  ProofKind proof = ProofKind::none;
  /// For a restore where each snapshot is rebuilt; for a deep proof where packs are kept to be read again,
  /// and empty where the vault itself is as near.
  std::filesystem::path scratch = {};
  MemoryBudget* memory = nullptr;  // for the proofs of all repositories; null: as much as they need
  std::shared_ptr<SharedChecks> shared = std::make_shared<SharedChecks>();
};

}  // namespace hubkeep
