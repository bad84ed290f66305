// What is shown of any work on many repositories: lines as they are done, and a line that moves.
#pragma once

#include <chrono>
#include <mutex>
#include <string>
#include <string_view>

#include "base/error.h"
#include "report/status_line.h"

namespace hubkeep {

struct ProgressOptions {
  bool terminal = false;  // standard error is one: draw the moving line
  bool quiet = false;     // only what went wrong
  bool verbose = false;   // also what is as it was
};

/// What one finished repository is worth.
enum class NewsValue {
  none,  // as it was
  news,
  bad,
};

/// Thread-safe.
class RepositoryProgress {
 public:
  /// `purpose`: "to verify"; `done`: "read", of bytes.
  RepositoryProgress(ProgressOptions options, std::string_view purpose, std::string_view done)
      : options_(options), purpose_(purpose), done_word_(done), status_(options.terminal && !options.quiet) {}

  void selected(std::size_t repositories);
  void moved(ByteCount bytes);
  /// `text` is printable, and may have several lines.
  void finished(std::string_view text, NewsValue value);
  /// `subject` may be empty.
  void retrying(std::string_view subject, const Error& error, std::chrono::milliseconds wait);
  void notice(const std::string& text);
  /// A line that is shown in any case, and one for those who want it.
  void say(const std::string& line);
  void say_more(const std::string& line);

 private:
  void show_lines(std::string_view text);
  void draw();

  const ProgressOptions options_;
  const std::string_view purpose_;
  const std::string_view done_word_;
  std::mutex mutex_;  // guards all below
  StatusLine status_;
  std::size_t total_ = 0;
  std::size_t done_ = 0;
  ByteCount bytes_ = 0;
};

}  // namespace hubkeep
