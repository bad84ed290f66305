// What a person sees of a backup.
#pragma once

#include <chrono>
#include <mutex>
#include <string>

#include "backup/backup_account.h"
#include "report/status_line.h"

namespace hubkeep {

/// Thread-safe.
class Progress final : public BackupObserver {
 public:
  explicit Progress(ProgressOptions options)
      : options_(options), status_(options.terminal && !options.quiet) {}

  void selected(std::size_t repositories) override;
  void started(const std::string& repository) override;
  void received(ByteCount bytes) override;
  void finished(const Outcome& outcome) override;
  void waiting(const std::string& reason, std::chrono::seconds wait) override;
  void retrying(const std::string& repository, const Error& error, std::chrono::milliseconds wait) override;
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

/// One line for one repository, printable: "acme/site  saved  2.0 MiB received, 1200 objects". Pure.
std::string describe(const Outcome& outcome);

/// The last lines of a run. Pure.
std::string describe(const RunSummary& summary);

}  // namespace hubkeep
