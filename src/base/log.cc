#include "base/log.h"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include "base/text.h"

namespace hubkeep {
namespace {

spdlog::logger& logger() {
  static const auto instance = [] {
    auto made =
        std::make_shared<spdlog::logger>("hubkeep", std::make_shared<spdlog::sinks::stderr_sink_mt>());
    made->set_pattern("%v");
    return made;
  }();
  return *instance;
}

}  // namespace

void set_log_level(LogLevel level) {
  switch (level) {
    case LogLevel::quiet:
      logger().set_level(spdlog::level::err);
      break;
    case LogLevel::normal:
      logger().set_level(spdlog::level::info);
      break;
    case LogLevel::verbose:
      logger().set_level(spdlog::level::debug);
      break;
  }
}

void log_line(LogLevel level, std::string_view line) {
  const auto severity = level == LogLevel::quiet    ? spdlog::level::err
                        : level == LogLevel::normal ? spdlog::level::info
                                                    : spdlog::level::debug;
  logger().log(severity, "{}", printable(line));
}

}  // namespace hubkeep
