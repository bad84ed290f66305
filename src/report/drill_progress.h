// What a person sees of a drill.
#pragma once

#include <string>

#include "drill/drill_vault.h"
#include "report/run_log.h"

namespace hubkeep {

class DrillProgress final : public LoggedRun<DrillObserver> {
 public:
  explicit DrillProgress(MovingLine moving) : LoggedRun(moving, {.purpose = "to drill", .done = "read"}) {}

  void finished(const DrillOutcome& outcome) override;
};

/// "12 ms", "1.3 s", "2 minutes and 5 seconds"
std::string describe_time(std::chrono::milliseconds time);
/// "12.3 MB/s" of bytes read while it was restored; "-" where nothing was.
std::string describe_rate(const DrillOutcome& outcome);
/// "refs/heads/main leads to … here and to … at GitHub"; printable, without the explanation.
std::string describe(const DrillDifference& difference);

/// What is to be said of one repository, printable: a line, and one for each thing found. Pure.
std::string describe(const DrillOutcome& outcome);

/// The last lines. Pure.
std::string describe(const DrillReport& report);

}  // namespace hubkeep
