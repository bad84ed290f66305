// The program's log: one line an event, to standard error. The engines do not log, they tell an observer;
// what goes through here is what no observer has a word for.
#pragma once

#include <fmt/format.h>

#include <nlohmann/json_fwd.hpp>
#include <string_view>

namespace hubkeep {

enum class LogLevel { quiet, normal, verbose };

/// text: the lines as they are. json: {"time": …, "level": …, "message": …}, an object to a line.
enum class LogFormat { text, json };

/// What a line of JSON says of itself.
enum class Severity { debug, info, warning, error };

/// Not thread-safe: called once, at the start.
void set_log_level(LogLevel level);
void set_log_format(LogFormat format);
LogFormat log_format();
/// Whether lines of this level are shown.
bool is_logged(LogLevel level);

/// Thread-safe. What comes from outside must have gone through printable() before; control characters that
/// are left are escaped here as a last resort. In JSON it is info, or debug where it is verbose.
void log_line(LogLevel level, std::string_view line);

/// The same, whatever the level, of what went wrong.
void log_error(std::string_view line);

/// What a person should know though nothing has failed: "note: …", or the event "notice".
void log_notice(std::string_view text);

/// Thread-safe. In JSON `fields` follow the message; as text there is the message alone.
void log_event(LogLevel level, Severity severity, std::string_view message,
               const nlohmann::ordered_json& fields);

template <typename... Arguments>
void log_info(fmt::format_string<Arguments...> format, Arguments&&... arguments) {
  log_line(LogLevel::normal, fmt::format(format, std::forward<Arguments>(arguments)...));
}

template <typename... Arguments>
void log_debug(fmt::format_string<Arguments...> format, Arguments&&... arguments) {
  log_line(LogLevel::verbose, fmt::format(format, std::forward<Arguments>(arguments)...));
}

}  // namespace hubkeep
