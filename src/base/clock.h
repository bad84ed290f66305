// Time, so that tests can set it. All times are UTC with a resolution of one second, GitHub's own.
#pragma once

#include <chrono>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

namespace hubkeep {

using UtcTime = std::chrono::sys_seconds;

/// Thread-safe.
class Clock {
 public:
  Clock() = default;
  Clock(const Clock&) = delete;
  Clock& operator=(const Clock&) = delete;
  virtual ~Clock() = default;

  virtual UtcTime now() = 0;
  /// Of a clock that nobody sets, and that runs on while the machine sleeps: differences of it alone mean
  /// something.
  virtual std::chrono::seconds uptime() { return now().time_since_epoch(); }
  /// Blocks for `duration`, or until `stop` is requested: then throws Error(cancelled).
  virtual void sleep(std::chrono::milliseconds duration, std::stop_token stop) = 0;
};

class SystemClock final : public Clock {
 public:
  UtcTime now() override;
  std::chrono::seconds uptime() override;
  void sleep(std::chrono::milliseconds duration, std::stop_token stop) override;
};

/// How far two clocks may be apart before anybody is told: what S3 allows a signature, and more than a
/// network delays an answer.
constexpr std::chrono::minutes kClockTolerance{15};

/// "2026-11-23T18:45:01Z"
std::string format_time(UtcTime time);
/// "20261123T184501Z", the form inside snapshot names.
std::string format_compact_time(UtcTime time);
/// "1 year and 3 days", "25 minutes", "1 second": the two largest units, without regard to the sign.
std::string describe_duration(std::chrono::seconds duration);
/// Reads either of the two forms above; nothing for any other text.
std::optional<UtcTime> parse_time(std::string_view text);
/// Reads an HTTP date ("Mon, 23 Nov 2026 18:45:01 GMT", RFC 9110 section 5.6.7, preferred form).
std::optional<UtcTime> parse_http_date(std::string_view text);

}  // namespace hubkeep
