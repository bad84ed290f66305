// How the events of any run are told on standard error, as the log's format says:
//   text: lines as repositories are done, and on a terminal a last line that moves
//   JSON: an object to a line, each with its "event"; docs/log.md describes them
#pragma once

#include <chrono>
#include <mutex>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "base/log.h"
#include "base/run_observer.h"
#include "report/status_line.h"

namespace hubkeep {

/// What one finished repository is worth.
enum class NewsValue {
  none,  // as it was
  news,
  bad,
};

/// How a run is shown: "12 repositories to verify", "… 3.0 MiB read".
struct RunWords {
  std::string_view purpose;  // "to verify"
  std::string_view done;     // "read", of bytes
};

/// Thread-safe.
class RunLog {
 public:
  RunLog(MovingLine moving, const RunWords& words) : words_(words), status_(moving) {}

  void selected(std::size_t repositories);
  void moved(ByteCount bytes);
  /// `text` is printable, and may have several lines: JSON has the first, and `fields`.
  void finished(std::string_view text, NewsValue value, const nlohmann::ordered_json& fields);
  void waiting(const std::string& reason, std::chrono::seconds wait);
  void retrying(const RetrySubject& subject, const Error& error, std::chrono::milliseconds wait);
  void notice(const std::string& text);
  void made_vault(const std::string& place, const std::string& id);
  /// What has no word above. `text` is one line.
  void event(LogLevel level, Severity severity, std::string_view text, const nlohmann::ordered_json& fields);

 private:
  void draw();

  const RunWords words_;
  std::mutex mutex_;  // guards all below
  StatusLine status_;
  std::size_t total_ = 0;
  std::size_t done_ = 0;
  ByteCount bytes_ = 0;
};

/// What is the same for every run. `Observer` is an engine's.
template <typename Observer>
class LoggedRun : public Observer {
 public:
  LoggedRun(MovingLine moving, const RunWords& words) : log_(moving, words) {}

  void selected(std::size_t repositories) override { log_.selected(repositories); }
  void moved(ByteCount bytes) override { log_.moved(bytes); }
  void waiting(const std::string& reason, std::chrono::seconds wait) override { log_.waiting(reason, wait); }
  void retrying(const RetrySubject& subject, const Error& error, std::chrono::milliseconds wait) override {
    log_.retrying(subject, error, wait);
  }
  void notice(const std::string& text) override { log_.notice(text); }
  void made_vault(const std::string& place, const std::string& id) override { log_.made_vault(place, id); }

 protected:
  RunLog log_;
};

}  // namespace hubkeep
