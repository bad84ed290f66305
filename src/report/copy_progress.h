// What a person sees of a copy.
#pragma once

#include <string>

#include "copy/copy_vault.h"
#include "report/run_log.h"

namespace hubkeep {

/// Thread-safe.
class CopyProgress final : public LoggedRun<CopyObserver> {
 public:
  explicit CopyProgress(MovingLine moving) : LoggedRun(moving, {.purpose = "to copy", .done = "copied"}) {}

  void finished(const CopyOutcome& outcome) override;
};

/// What is to be said of one repository, printable. Pure.
std::string describe(const CopyOutcome& outcome);

/// The last lines. Pure.
std::string describe(const CopySummary& summary);

}  // namespace hubkeep
