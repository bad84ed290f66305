// What a person sees of a run: lines on standard error, and on a terminal a last line that moves.
#pragma once

#include <chrono>
#include <mutex>
#include <string>

#include "backup/backup_account.h"

namespace hubkeep {

struct ProgressOptions {
  bool terminal = false;  // standard error is one: draw the moving line
  bool quiet = false;     // only what went wrong
  bool verbose = false;   // also what is unchanged
};

/// Thread-safe.
class Progress final : public BackupObserver {
 public:
  explicit Progress(ProgressOptions options);
  ~Progress() override;

  void selected(std::size_t repositories) override;
  void started(const std::string& repository) override;
  void received(ByteCount bytes) override;
  void finished(const Outcome& outcome) override;
  void waiting(const std::string& reason, std::chrono::seconds wait) override;
  void retrying(const std::string& repository, const Error& error, std::chrono::milliseconds wait) override;
  void notice(const std::string& text) override;

 private:
  void line(const std::string& text);
  void draw();
  void erase();

  const ProgressOptions options_;
  const std::chrono::steady_clock::time_point began_;
  std::mutex mutex_;  // guards all below
  std::chrono::steady_clock::time_point drawn_;
  bool visible_ = false;
  std::size_t total_ = 0;
  std::size_t done_ = 0;
  ByteCount bytes_ = 0;
};

/// One line for one repository, printable: "acme/site  saved  2.0 MiB received, 1200 objects". Pure.
std::string describe(const Outcome& outcome);

/// The last lines of a run. Pure.
std::string describe(const RunSummary& summary);

}  // namespace hubkeep
