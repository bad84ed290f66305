// JSON objects on a line whose members stand in one order, without space around them, as this program writes
// them: where there are a million lines, a parser that takes everything is too slow. What is in another order
// is refused.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace hubkeep {

class OrderedLine {
 public:
  /// `what` it should be, for errors: "a line of documents". Keeps both.
  OrderedLine(std::string_view line, std::string_view what) : line_(line), rest_(line), what_(what) {}

  /// Whether that comes next; then it is behind us.
  bool take(std::string_view expected) {
    if (!rest_.starts_with(expected)) return false;
    rest_.remove_prefix(expected.size());
    return true;
  }
  void require(std::string_view expected) {
    if (!take(expected)) refuse();
  }
  bool is_at_end() const { return rest_.empty(); }

  /// All that follows throw Error(corrupt) where something else comes.
  std::string text();
  /// Lent: a text without escapes.
  std::string_view plain_text();
  UtcTime time();
  /// The object that is the last member, lent; only its brackets are looked at.
  std::string_view last_object();
  [[noreturn]] void refuse() const;

 private:
  std::string_view quoted();

  const std::string_view line_;
  std::string_view rest_;
  const std::string_view what_;
};

/// With its quotes. Throws Error(corrupt) for what is not UTF-8.
std::string quote(std::string_view text);
std::string quote(UtcTime time);

}  // namespace hubkeep
