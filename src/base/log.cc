#include "base/log.h"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <nlohmann/json.hpp>

#include "base/clock.h"
#include "base/text.h"

namespace hubkeep {
namespace {

using Json = nlohmann::ordered_json;

LogFormat format_of_log = LogFormat::text;  // set once, before threads are

spdlog::logger& logger() {
  static const auto instance = [] {
    auto made =
        std::make_shared<spdlog::logger>("hubkeep", std::make_shared<spdlog::sinks::stderr_sink_mt>());
    made->set_pattern("%v");
    return made;
  }();
  return *instance;
}

spdlog::level::level_enum level_of(LogLevel level) {
  switch (level) {
    case LogLevel::quiet:
      return spdlog::level::err;
    case LogLevel::normal:
      return spdlog::level::info;
    case LogLevel::verbose:
      return spdlog::level::debug;
  }
  return spdlog::level::err;
}

std::string_view to_string(Severity severity) {
  switch (severity) {
    case Severity::debug:
      return "debug";
    case Severity::info:
      return "info";
    case Severity::warning:
      return "warning";
    case Severity::error:
      return "error";
  }
  return "error";
}

// In ASCII, so that no terminal obeys it.
std::string json_line(Severity severity, std::string_view message, const Json& fields) {
  Json line = {
      {"time", format_time(SystemClock().now())}, {"level", to_string(severity)}, {"message", message}};
  if (fields.is_object()) line.update(fields);
  return line.dump(-1, ' ', true, Json::error_handler_t::replace);
}

}  // namespace

void set_log_level(LogLevel level) {
  logger().set_level(level_of(level));
}

void set_log_format(LogFormat format) {
  format_of_log = format;
}

LogFormat log_format() {
  return format_of_log;
}

bool is_logged(LogLevel level) {
  return logger().should_log(level_of(level));
}

void log_event(LogLevel level, Severity severity, std::string_view message, const Json& fields) {
  if (!is_logged(level)) return;
  if (format_of_log == LogFormat::text) return logger().log(level_of(level), "{}", printable(message));
  if (!message.empty()) logger().log(level_of(level), "{}", json_line(severity, message, fields));
}

void log_line(LogLevel level, std::string_view line) {
  log_event(level, level == LogLevel::verbose ? Severity::debug : Severity::info, line, nullptr);
}

void log_notice(std::string_view text) {
  const std::string_view prefix = format_of_log == LogFormat::text ? "note: " : "";
  log_event(LogLevel::quiet, Severity::warning, fmt::format("{}{}", prefix, text), {{"event", "notice"}});
}

void log_error(std::string_view line) {
  log_event(LogLevel::quiet, Severity::error, line, nullptr);
}

}  // namespace hubkeep
