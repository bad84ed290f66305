// What a person sees of a verification.
#pragma once

#include <mutex>
#include <string>

#include "report/status_line.h"
#include "verify/verify_vault.h"

namespace hubkeep {

/// Thread-safe.
class VerifyProgress final : public VerifyObserver {
 public:
  explicit VerifyProgress(ProgressOptions options)
      : options_(options), status_(options.terminal && !options.quiet) {}

  void selected(std::size_t repositories) override;
  void read(ByteCount bytes) override;
  void finished(const Verdict& verdict) override;
  void retrying(const Error& error, std::chrono::milliseconds wait) override;
  void notice(const std::string& text) override;

 private:
  void draw();

  const ProgressOptions options_;
  std::mutex mutex_;  // guards all below
  StatusLine status_;
  std::size_t total_ = 0;
  std::size_t done_ = 0;
  ByteCount bytes_ = 0;
};

/// What is to be said of one repository, printable: a line, and one for each damage. Pure.
std::string describe(const Verdict& verdict);

/// The last lines. Pure.
std::string describe(const VerifySummary& summary);

}  // namespace hubkeep
