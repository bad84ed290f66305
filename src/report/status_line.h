// Lines on standard error, and on a terminal a last line that moves.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

#include "base/byte_count.h"
#include "base/log.h"

namespace hubkeep {

enum class MovingLine { no, yes };

/// Whether there is somebody to see it: standard error is a terminal, and shows the log as text, and not only
/// what went wrong.
MovingLine moving_line();

/// One thread at a time: whoever shares it locks.
class StatusLine {
 public:
  explicit StatusLine(MovingLine moving)
      : moving_(moving == MovingLine::yes), began_(std::chrono::steady_clock::now()) {}
  StatusLine(const StatusLine&) = delete;
  StatusLine& operator=(const StatusLine&) = delete;
  ~StatusLine() { erase(); }

  /// A line that stays, as log_event() shows it.
  void line(LogLevel level, Severity severity, std::string_view text, const nlohmann::ordered_json& fields);
  /// The moving line, at most five times a second: `text`, so many bytes `done` ("received"), their rate.
  void draw(const std::string& text, ByteCount bytes, std::string_view done);
  /// Takes the moving line away, so that something else can be shown.
  void erase();

 private:
  const bool moving_;
  const std::chrono::steady_clock::time_point began_;
  std::chrono::steady_clock::time_point drawn_;
  bool visible_ = false;
};

}  // namespace hubkeep
