// Puts the parts together: the only place that knows every class.
#pragma once

#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "app/settings.h"
#include "browse/snapshot_objects.h"
#include "copy/copy_vault.h"
#include "doctor/examine_place.h"
#include "drill/drill_vault.h"
#include "http/http_client.h"
#include "metadata/export_repository.h"
#include "restore/restore_vault.h"
#include "run/backup_account.h"
#include "store/counted_store.h"
#include "vault/vault.h"
#include "verify/verify_vault.h"

namespace hubkeep {

struct DryRun;  // run/dry_run.h

// run/shared_run.h
struct SharedPlan;
struct BatchRequest;
struct BatchSummary;

/// "hubkeep 0.1.0"
std::string program_version();

/// Runs a backup as `settings` say. Throws Error as backup_account() does, and for a vault that cannot be
/// opened.
RunSummary run_backup(const Settings& settings, BackupObserver& observer, const StopTokens& stops);

/// What run_backup() would do; nothing is written anywhere. Throws Error as that does.
DryRun run_dry(const Settings& settings, BackupObserver& observer, const std::stop_token& stop);

/// The steps of a run that several processes share. Throw Error as those of run/shared_run.h do, and as
/// run_backup() does.
SharedPlan run_plan(const Settings& settings, BackupObserver& observer, const std::string& name,
                    const std::stop_token& stop);
BatchSummary run_batch(const Settings& settings, BackupObserver& observer, const BatchRequest& request,
                       const StopTokens& stops);
RunSummary run_finish(const Settings& settings, BackupObserver& observer, const SnapshotId& run,
                      const std::stop_token& stop);

/// What to verify.
struct VerifyRequest {
  std::vector<std::string> repositories = {};  // none: all
  std::string after = {};                      // see VerifyOptions
  bool passes_first = false;                   // see VerifyOptions
};

/// Verifies the vault that `settings` name. Throws Error as verify_vault() does.
VerifySummary run_verify(const Settings& settings, const VerifyRequest& request, VerifyObserver& observer,
                         const std::stop_token& stop);

/// What to copy: vaults as folders or URLs.
struct CopyRequest {
  std::string from;
  std::string to;
  std::vector<std::string> repositories;  // none: all
};

/// Copies one vault into another. Throws Error as copy_vault() does, and invalid where both are one.
CopySummary run_copy(const Settings& settings, const CopyRequest& request, CopyObserver& observer,
                     const std::stop_token& stop);

/// Restores out of the vault that `settings` name: what `request` says, and as --at, --temp-dir and --thaw
/// do. Throws Error as restore_vault() does.
RestoreSummary run_restore(const Settings& settings, RestoreRequest request, RestoreObserver& observer,
                           const std::stop_token& stop);

/// Exports out of the vault that `settings` name: what `request` says, and as --at, --temp-dir and --thaw do.
/// Throws Error as export_repository() does.
ExportOutcome run_export(const Settings& settings, ExportRequest request, const std::stop_token& stop);

/// A vault to look into.
struct VaultToBrowse {
  std::shared_ptr<Vault> vault;
  std::shared_ptr<const StoreTraffic> traffic;  // what has been asked of its store by now
  BrowseOptions options;
};

/// Opens the vault that `settings` name. Throws Error.
VaultToBrowse open_vault_to_browse(const Settings& settings, const std::stop_token& stop);

/// What to drill.
struct DrillRequest {
  std::vector<std::string> repositories = {};  // none: as --count and --seed say
  bool all = false;
};

/// Drills the vault that `settings` name, as --count, --seed, --against-github and --temp-dir say. Throws
/// Error as drill_vault() does, and what keeps GitHub from being asked at all.
DrillReport run_drill(const Settings& settings, const DrillRequest& request, DrillObserver& observer,
                      const std::stop_token& stop);

/// Examines the place where `hubkeep backup` would write its vault, and writes nothing into a vault that is
/// there. Throws Error(invalid) for a location that is none.
DoctorReport run_doctor(const Settings& settings, DoctorObserver& observer, const std::stop_token& stop);

/// A client for a server of this machine that may let a request wait for hours: no proxy, no time limit.
std::unique_ptr<HttpClient> make_patient_client();

/// Opens the vault that `settings` name for reading. Throws Error.
std::shared_ptr<Vault> open_vault_to_read(const Settings& settings, const std::stop_token& stop);

}  // namespace hubkeep
