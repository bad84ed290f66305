// Who is told what happens while a command works on many repositories, whatever it does with them. Each
// engine adds what it has finished: BackupObserver, VerifyObserver, CopyObserver.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <string>

#include "base/byte_count.h"
#include "base/error.h"

namespace hubkeep {

/// Whose work failed and is tried again.
struct RetrySubject {
  enum class Kind { repository, github, vault };

  Kind kind = Kind::repository;
  std::string repository = {};  // owner/name; empty for the others
};

/// Told from any thread at any time: implementations lock for themselves.
class RunObserver {
 public:
  RunObserver() = default;
  RunObserver(const RunObserver&) = delete;
  RunObserver& operator=(const RunObserver&) = delete;
  virtual ~RunObserver() = default;

  virtual void selected(std::size_t repositories) = 0;
  /// Received, read or copied.
  virtual void moved(ByteCount bytes) = 0;
  virtual void waiting(const std::string& reason, std::chrono::seconds wait) = 0;
  virtual void retrying(const RetrySubject& subject, const Error& error, std::chrono::milliseconds wait) = 0;
  virtual void notice(const std::string& text) = 0;
  virtual void made_vault(const std::string& place, const std::string& id) = 0;
};

/// For those who only have something to note. Keeps a reference to `observer`.
inline std::function<void(const std::string&)> notice_of(RunObserver& observer) {
  return [&observer](const std::string& text) { observer.notice(text); };
}

}  // namespace hubkeep
