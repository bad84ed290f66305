#include "base/clock.h"

#include <fmt/chrono.h>
#include <time.h>

#include <array>
#include <condition_variable>
#include <ctime>
#include <mutex>
#include <utility>

#include "base/error.h"

namespace hubkeep {
namespace {

std::optional<UtcTime> parse_with(const char* format, std::string_view text) {
  const std::string copy(text);
  std::tm fields{};
  const char* end = strptime(copy.c_str(), format, &fields);
  if (end == nullptr || *end != '\0' || copy.size() != text.size()) return std::nullopt;
  std::tm normal = fields;
  const UtcTime time{std::chrono::seconds(timegm(&normal))};
  // strptime knows no lengths of months and takes seconds up to 61; timegm carries both over.
  const bool exists = normal.tm_mday == fields.tm_mday && normal.tm_sec == fields.tm_sec;
  return exists ? std::optional(time) : std::nullopt;
}

// Not by system_clock::to_time_t(), whose nanoseconds overflow outside of the years 1678 to 2261.
std::tm calendar_time(UtcTime time) {
  return fmt::gmtime(static_cast<std::time_t>(time.time_since_epoch().count()));
}

}  // namespace

UtcTime SystemClock::now() {
  return std::chrono::time_point_cast<std::chrono::seconds>(std::chrono::system_clock::now());
}

// CLOCK_BOOTTIME goes on while a laptop sleeps, which CLOCK_MONOTONIC does not.
std::chrono::seconds SystemClock::uptime() {
  timespec time{};
  ::clock_gettime(CLOCK_BOOTTIME, &time);
  return std::chrono::seconds(time.tv_sec);
}

void SystemClock::sleep(std::chrono::milliseconds duration, std::stop_token stop) {
  std::mutex mutex;
  std::condition_variable_any woken;
  std::unique_lock lock(mutex);
  woken.wait_for(lock, stop, duration, [] { return false; });
  if (stop.stop_requested()) throw Error(ErrorKind::cancelled, "stopped while waiting");
}

std::string format_time(UtcTime time) {
  return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", calendar_time(time));
}

std::string describe_duration(std::chrono::seconds duration) {
  using std::chrono::seconds;
  constexpr std::array<std::pair<const char*, seconds>, 5> kUnits{{
      {"year", seconds(365 * 86400)},
      {"day", seconds(86400)},
      {"hour", seconds(3600)},
      {"minute", seconds(60)},
      {"second", seconds(1)},
  }};
  seconds rest = duration < seconds(0) ? -duration : duration;
  std::string text;
  for (const auto& [unit, length] : kUnits) {
    const auto count = rest / length;
    rest -= count * length;
    if (count == 0 && text.empty()) continue;
    const std::string part = count == 0 ? "" : fmt::format("{} {}{}", count, unit, count == 1 ? "" : "s");
    if (!text.empty()) return part.empty() ? text : text + " and " + part;
    text = part;
  }
  return text.empty() ? "0 seconds" : text;
}

std::string format_compact_time(UtcTime time) {
  return fmt::format("{:%Y%m%dT%H%M%SZ}", calendar_time(time));
}

std::optional<UtcTime> parse_time(std::string_view text) {
  // strptime leaves out leading zeros and takes blanks: only what is written here is read.
  auto time = parse_with("%Y-%m-%dT%H:%M:%SZ", text);
  if (time && format_time(*time) == text) return time;
  time = parse_with("%Y%m%dT%H%M%SZ", text);
  if (time && format_compact_time(*time) == text) return time;
  return std::nullopt;
}

std::optional<UtcTime> parse_http_date(std::string_view text) {
  return parse_with("%a, %d %b %Y %H:%M:%S GMT", text);
}

}  // namespace hubkeep
