#include "report/status_line.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "base/text.h"

namespace hubkeep {
namespace {

constexpr std::chrono::milliseconds kRedraw{200};

// A terminal that is gone is no reason to end: fmt::print() would throw.
void show(std::string_view text) {
  std::fwrite(text.data(), 1, text.size(), stderr);
}

}  // namespace

MovingLine moving_line() {
  const bool is_seen = log_format() == LogFormat::text && is_logged(LogLevel::normal);
  return is_seen && isatty(STDERR_FILENO) == 1 ? MovingLine::yes : MovingLine::no;
}

void StatusLine::line(LogLevel level, Severity severity, std::string_view text,
                      const nlohmann::ordered_json& fields) {
  if (!is_logged(level)) return;
  erase();
  log_event(level, severity, text, fields);
}

void StatusLine::draw(const std::string& text, ByteCount bytes, std::string_view done) {
  if (!moving_) return;
  const auto now = std::chrono::steady_clock::now();
  if (visible_ && now - drawn_ < kRedraw) return;
  const double seconds = std::chrono::duration<double>(now - began_).count();
  const auto rate = static_cast<ByteCount>(static_cast<double>(bytes) / std::max(seconds, 0.1));
  show(fmt::format("\r\x1b[K{}, {} {}, {}/s", printable(text), human_size(bytes), done, human_size(rate)));
  std::fflush(stderr);
  visible_ = true;
  drawn_ = now;
}

void StatusLine::erase() {
  if (!visible_) return;
  show("\r\x1b[K");
  visible_ = false;
}

}  // namespace hubkeep
