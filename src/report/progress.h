// What a person sees of a backup.
#pragma once

#include <string>

#include "report/run_log.h"
#include "run/backup_account.h"

namespace hubkeep {

/// Thread-safe.
class Progress final : public LoggedRun<BackupObserver> {
 public:
  explicit Progress(MovingLine moving) : LoggedRun(moving, {.purpose = "to look at", .done = "received"}) {}

  void started(const std::string& repository) override;
  void finished(const Outcome& outcome) override;
  void lost(const OpenLosses& losses) override;
};

/// One line for one repository, printable: "acme/site  saved  2.0 MiB received, 1200 objects". Pure.
std::string describe(const Outcome& outcome);

/// "acme/site: 2 objects that the vault had are lost or damaged: …" Pure.
std::string describe(const OpenLosses& losses);

/// Commands, as they are to be typed.
struct BackupAdvice {
  std::string repair;             // mends what is lost
  std::string prove;              // decides what is not proved
  std::string list_missing = {};  // shows which documents GitHub counts and the vault does not have
};

/// The last lines of a run. Pure.
std::string describe(const RunSummary& summary, const BackupAdvice& advice);

}  // namespace hubkeep
