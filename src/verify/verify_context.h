// What every step of a verification is given.
#pragma once

#include <filesystem>

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

}  // namespace hubkeep
