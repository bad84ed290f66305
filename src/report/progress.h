// What a person sees of a backup.
#pragma once

#include <chrono>
#include <string>

#include "report/repository_progress.h"
#include "run/backup_account.h"

namespace hubkeep {

/// Thread-safe.
class Progress final : public BackupObserver {
 public:
  explicit Progress(ProgressOptions options) : progress_(options, "to look at", "received") {}

  void selected(std::size_t repositories) override { progress_.selected(repositories); }
  void started(const std::string& repository) override;
  void received(ByteCount bytes) override { progress_.moved(bytes); }
  void finished(const Outcome& outcome) override;
  void waiting(const std::string& reason, std::chrono::seconds wait) override;
  void retrying(const std::string& repository, const Error& error, std::chrono::milliseconds wait) override {
    progress_.retrying(repository, error, wait);
  }
  void notice(const std::string& text) override { progress_.notice(text); }
  void lost(const OpenLosses&) override {}  // the last lines say it

 private:
  RepositoryProgress progress_;
};

/// One line for one repository, printable: "acme/site  saved  2.0 MiB received, 1200 objects". Pure.
std::string describe(const Outcome& outcome);

/// "acme/site: 2 objects that the vault had are lost or damaged: …" Pure.
std::string describe(const OpenLosses& losses);

/// Commands, as they are to be typed.
struct BackupAdvice {
  std::string repair;  // mends what is lost
  std::string prove;   // decides what is not proved
};

/// The last lines of a run. Pure.
std::string describe(const RunSummary& summary, const BackupAdvice& advice);

}  // namespace hubkeep
