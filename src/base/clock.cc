#include "base/clock.h"

#include <fmt/chrono.h>
#include <time.h>

#include <condition_variable>
#include <ctime>
#include <mutex>

#include "base/error.h"

namespace hubkeep {
namespace {

std::optional<UtcTime> parse_with(const char* format, std::string_view text) {
  const std::string copy(text);
  std::tm fields{};
  const char* end = strptime(copy.c_str(), format, &fields);
  if (end == nullptr || *end != '\0' || copy.size() != text.size()) return std::nullopt;
  return UtcTime(std::chrono::seconds(timegm(&fields)));
}

}  // namespace

UtcTime SystemClock::now() {
  return std::chrono::time_point_cast<std::chrono::seconds>(std::chrono::system_clock::now());
}

void SystemClock::sleep(std::chrono::milliseconds duration, std::stop_token stop) {
  std::mutex mutex;
  std::condition_variable_any woken;
  std::unique_lock lock(mutex);
  woken.wait_for(lock, stop, duration, [] { return false; });
  if (stop.stop_requested()) throw Error(ErrorKind::cancelled, "stopped while waiting");
}

std::string format_time(UtcTime time) {
  return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(std::chrono::system_clock::to_time_t(time)));
}

std::string format_compact_time(UtcTime time) {
  return fmt::format("{:%Y%m%dT%H%M%SZ}", fmt::gmtime(std::chrono::system_clock::to_time_t(time)));
}

std::optional<UtcTime> parse_time(std::string_view text) {
  if (auto time = parse_with("%Y-%m-%dT%H:%M:%SZ", text)) return time;
  return parse_with("%Y%m%dT%H%M%SZ", text);
}

std::optional<UtcTime> parse_http_date(std::string_view text) {
  return parse_with("%a, %d %b %Y %H:%M:%S GMT", text);
}

}  // namespace hubkeep
