// Puts the parts together: the only place that knows every class.
#pragma once

#include <memory>
#include <stop_token>

#include "app/settings.h"
#include "backup/backup_account.h"
#include "vault/vault.h"

namespace hubkeep {

/// "hubkeep 0.1.0"
std::string program_version();

/// Runs a backup as `settings` say. Throws Error as backup_account() does, and for a vault that cannot be
/// opened.
RunSummary run_backup(const Settings& settings, BackupObserver& observer, const std::stop_token& stop);

/// Opens the vault that `settings` name for reading.
std::shared_ptr<Vault> open_vault_to_read(const Settings& settings);

}  // namespace hubkeep
