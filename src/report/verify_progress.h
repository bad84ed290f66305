// What a person sees of a verification.
#pragma once

#include <chrono>
#include <string>

#include "report/repository_progress.h"
#include "verify/verify_vault.h"

namespace hubkeep {

/// Thread-safe.
class VerifyProgress final : public VerifyObserver {
 public:
  explicit VerifyProgress(ProgressOptions options) : progress_(options, "to verify", "read") {}

  void selected(std::size_t repositories) override { progress_.selected(repositories); }
  void read(ByteCount bytes) override { progress_.moved(bytes); }
  void finished(const Verdict& verdict) override;
  void retrying(const Error& error, std::chrono::milliseconds wait) override {
    progress_.retrying("", error, wait);
  }
  void notice(const std::string& text) override { progress_.notice(text); }

 private:
  RepositoryProgress progress_;
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
