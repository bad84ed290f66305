// Opens the vault that the settings name, wherever it is, with all that its store is made of.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "app/settings.h"
#include "base/error.h"
#include "base/memory_budget.h"
#include "vault/vault.h"

namespace hubkeep {

/// Told, in any thread, of what a person should know about the store.
struct VaultObserver {
  std::function<void(const std::string&)> notice;
  std::function<void(const Error&, std::chrono::milliseconds)> on_retry;
};

/// `location` is a folder or a URL. `memory` may be null for reading; else it outlives the vault. Throws
/// Error, also when `stop` is requested before the vault has answered.
std::shared_ptr<Vault> open_vault(const Settings& settings, const std::string& location, OpenMode mode,
                                  MemoryBudget* memory, const VaultObserver& observer,
                                  const std::stop_token& stop);

}  // namespace hubkeep
