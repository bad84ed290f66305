// Lines on standard error, and on a terminal a last line that moves.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "base/byte_sink.h"

namespace hubkeep {

/// One thread at a time: whoever shares it locks.
class StatusLine {
 public:
  explicit StatusLine(bool moving) : moving_(moving), began_(std::chrono::steady_clock::now()) {}
  StatusLine(const StatusLine&) = delete;
  StatusLine& operator=(const StatusLine&) = delete;
  ~StatusLine() { erase(); }

  /// A line that stays.
  void line(const std::string& text);
  /// The moving line, at most five times a second: `text`, so many bytes `done` ("received"), their rate.
  void draw(const std::string& text, ByteCount bytes, std::string_view done);

 private:
  void erase();

  const bool moving_;
  const std::chrono::steady_clock::time_point began_;
  std::chrono::steady_clock::time_point drawn_;
  bool visible_ = false;
};

}  // namespace hubkeep
