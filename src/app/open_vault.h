// Opens the vault that the settings name, wherever it is, with all that its store is made of.
#pragma once

#include <memory>
#include <string>

#include "app/known_vaults.h"
#include "app/run_clocks.h"
#include "app/settings.h"
#include "base/memory_budget.h"
#include "base/run_observer.h"
#include "store/counted_store.h"
#include "store/examined_place.h"
#include "vault/vault.h"

namespace hubkeep {

/// Who is told, in any thread, of what a person should know about the store. Outlives the vault.
struct VaultObserver {
  RunObserver& run;
  /// Hears of the store's time; none: `run` is told where the two clocks differ.
  RunClocks* clocks = nullptr;
};

struct VaultRequest {
  std::string location;  // a folder or a URL
  OpenMode mode = OpenMode::read;
  MemoryBudget* memory = nullptr;  // may be null for reading; else it outlives the vault
  bool may_be_missing = false;     // in mode read: where there is none, it is an empty one that nobody keeps
  const KnownVaults* known = nullptr;  // of that location: with one that is known, no other is opened or made
  std::shared_ptr<StoreTraffic> traffic = {};  // where what is asked of the store is counted; null: nowhere
};

/// Throws Error, also when `stop` is requested before the vault has answered, and where it is not the one
/// that must be there.
std::shared_ptr<Vault> open_vault(const Settings& settings, const VaultRequest& request,
                                  const VaultObserver& observer, const std::stop_token& stop);

/// The place of a vault that is there, or is to be: to be examined. `name` is that of all that is written
/// there, a relative path without a '/' at its end. Throws Error(invalid) for a location that is none.
std::shared_ptr<ExaminedPlace> open_place(const Settings& settings, const std::string& location,
                                          const std::string& name, RunObserver& observer);

/// What this machine knows of the vault at `location`. Throws Error(invalid) for a location that is none.
KnownVaults known_vaults(const Settings& settings, const std::string& location, const Notice& notice);

}  // namespace hubkeep
