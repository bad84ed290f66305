// What a person sees of a verification.
#pragma once

#include <string>

#include "report/run_log.h"
#include "verify/verify_vault.h"

namespace hubkeep {

/// Thread-safe.
class VerifyProgress final : public LoggedRun<VerifyObserver> {
 public:
  explicit VerifyProgress(MovingLine moving) : LoggedRun(moving, {.purpose = "to verify", .done = "read"}) {}

  void finished(const Verdict& verdict) override;
};

/// What is to be said of one repository, printable: a line, and one for each damage. Pure.
std::string describe(const Verdict& verdict);

/// The commands that mend what was found, as they are to be typed.
struct VerifyAdvice {
  std::string rebuild;  // what is not a repository's
  std::string repair;
  std::string prove;
};

/// The last lines. Pure.
std::string describe(const VerifySummary& summary, const VerifyAdvice& advice);

}  // namespace hubkeep
