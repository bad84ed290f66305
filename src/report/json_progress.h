// A backup's events as lines of JSON, for those who read logs by program.
#pragma once

#include "run/backup_account.h"

namespace hubkeep {

/// {"time": …, "level": "error", "message": "acme/site: failed: …", "event": "repository", "repository": …}
/// Thread-safe.
class JsonProgress final : public BackupObserver {
 public:
  void selected(std::size_t repositories) override;
  void started(const std::string& repository) override;
  void received(ByteCount) override {}
  void finished(const Outcome& outcome) override;
  void waiting(const std::string& reason, std::chrono::seconds wait) override;
  void retrying(const std::string& repository, const Error& error, std::chrono::milliseconds wait) override;
  void notice(const std::string& text) override;
  void lost(const OpenLosses& losses) override;
  void made_vault(const std::string& place, const std::string& id) override;
};

}  // namespace hubkeep
