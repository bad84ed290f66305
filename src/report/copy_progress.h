// What a person sees of a copy.
#pragma once

#include <mutex>
#include <string>

#include "copy/copy_vault.h"
#include "report/status_line.h"

namespace hubkeep {

/// Thread-safe.
class CopyProgress final : public CopyObserver {
 public:
  explicit CopyProgress(ProgressOptions options)
      : options_(options), status_(options.terminal && !options.quiet) {}

  void selected(std::size_t repositories) override;
  void copied(ByteCount bytes) override;
  void finished(const CopyOutcome& outcome) override;
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

/// What is to be said of one repository, printable. Pure.
std::string describe(const CopyOutcome& outcome);

/// The last lines. Pure.
std::string describe(const CopySummary& summary);

}  // namespace hubkeep
