// What a person sees of a copy.
#pragma once

#include <chrono>
#include <string>

#include "copy/copy_vault.h"
#include "report/repository_progress.h"

namespace hubkeep {

/// Thread-safe.
class CopyProgress final : public CopyObserver {
 public:
  explicit CopyProgress(ProgressOptions options) : progress_(options, "to copy", "copied") {}

  void selected(std::size_t repositories) override { progress_.selected(repositories); }
  void copied(ByteCount bytes) override { progress_.moved(bytes); }
  void finished(const CopyOutcome& outcome) override;
  void retrying(const Error& error, std::chrono::milliseconds wait) override {
    progress_.retrying("", error, wait);
  }
  void notice(const std::string& text) override { progress_.notice(text); }

 private:
  RepositoryProgress progress_;
};

/// What is to be said of one repository, printable. Pure.
std::string describe(const CopyOutcome& outcome);

/// The last lines. Pure.
std::string describe(const CopySummary& summary);

}  // namespace hubkeep
