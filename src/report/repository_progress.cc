#include "report/repository_progress.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"

namespace hubkeep {

void RepositoryProgress::selected(std::size_t repositories) {
  const std::scoped_lock lock(mutex_);
  total_ += repositories;
  if (!options_.quiet)
    status_.line(count_of(repositories, "repository", "repositories") + " " + std::string(purpose_));
}

void RepositoryProgress::moved(ByteCount bytes) {
  const std::scoped_lock lock(mutex_);
  bytes_ += bytes;
  draw();
}

void RepositoryProgress::finished(std::string_view text, NewsValue value) {
  const std::scoped_lock lock(mutex_);
  ++done_;
  const bool shown = value == NewsValue::bad || (value == NewsValue::news && !options_.quiet);
  if (shown || options_.verbose) show_lines(text);
  draw();
}

void RepositoryProgress::retrying(std::string_view subject, const Error& error,
                                  std::chrono::milliseconds wait) {
  const std::scoped_lock lock(mutex_);
  if (options_.quiet) return;
  const std::string prefix = subject.empty() ? "" : printable(subject) + ": ";
  status_.line(fmt::format("{}trying again in {:.1f} s: {}", prefix, static_cast<double>(wait.count()) / 1000,
                           error.message()));
}

void RepositoryProgress::notice(const std::string& text) {
  say("note: " + text);
}

void RepositoryProgress::say(const std::string& line) {
  const std::scoped_lock lock(mutex_);
  status_.line(line);
}

void RepositoryProgress::say_more(const std::string& line) {
  if (options_.verbose) say(line);
}

// One by one: the log would escape a line's end within a line.
void RepositoryProgress::show_lines(std::string_view text) {
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    status_.line(std::string(text.substr(0, end)));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

void RepositoryProgress::draw() {
  status_.draw(fmt::format("{} of {} repositories", done_, total_), bytes_, done_word_);
}

}  // namespace hubkeep
