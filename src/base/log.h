// The program's log: one line an event, to standard error. The engines do not log, they tell an observer;
// what goes through here is what no observer has a word for.
#pragma once

#include <fmt/format.h>

#include <string_view>

namespace hubkeep {

enum class LogLevel { quiet, normal, verbose };

/// Not thread-safe: called once, at the start.
void set_log_level(LogLevel level);

/// Thread-safe. What comes from outside must have gone through printable() before; control characters that
/// are left are escaped here as a last resort.
void log_line(LogLevel level, std::string_view line);

template <typename... Arguments>
void log_info(fmt::format_string<Arguments...> format, Arguments&&... arguments) {
  log_line(LogLevel::normal, fmt::format(format, std::forward<Arguments>(arguments)...));
}

template <typename... Arguments>
void log_debug(fmt::format_string<Arguments...> format, Arguments&&... arguments) {
  log_line(LogLevel::verbose, fmt::format(format, std::forward<Arguments>(arguments)...));
}

}  // namespace hubkeep
