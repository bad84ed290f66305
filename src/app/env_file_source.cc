// A single pass over the text, in the forms that .env files usually have: KEY=VALUE, `export` before it,
// quotes in which a value may go over several lines, comments behind a blank. Values are not expanded: "$" is
// a character of tokens and passwords. Messages name the line and never what stands in it.
#include "app/env_file_source.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>

#include "base/error.h"
#include "base/text.h"

namespace hubkeep {
namespace {

constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";
constexpr std::string_view kBlank = " \t";

bool is_blank(char c) {
  return c == ' ' || c == '\t';
}

bool is_key(std::string_view text) {
  const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; };
  const auto is_inner = [&](char c) {
    return is_letter(c) || (c >= '0' && c <= '9') || c == '.' || c == '-';
  };
  return !text.empty() && is_letter(text.front()) && std::all_of(text.begin(), text.end(), is_inner);
}

class EnvFileParser {
 public:
  explicit EnvFileParser(std::string_view text) : rest_(text) {
    if (rest_.starts_with(kByteOrderMark)) rest_.remove_prefix(kByteOrderMark.size());
  }

  Environment parse() {
    while (!rest_.empty()) parse_line();
    return std::move(variables_);
  }

 private:
  void parse_line() {
    skip_blanks();
    if (!rest_.empty() && rest_.front() != '#' && !at_line_end()) parse_assignment();
    drop_line();
  }

  void parse_assignment() {
    const auto equals = rest_.find_first_of("=\n");
    if (equals == std::string_view::npos || rest_[equals] == '\n') refuse("it is not KEY=VALUE");
    std::string_view key = trim(rest_.substr(0, equals));
    if (key.starts_with("export") && key.size() > 6 && is_blank(key[6])) key = trim(key.substr(6));
    if (!is_key(key)) refuse("what stands before '=' is not a name");
    rest_.remove_prefix(equals + 1);

    // "KEY= # nothing" is an empty value, "KEY=#1" is the value "#1".
    const bool blank_before = !rest_.empty() && is_blank(rest_.front());
    skip_blanks();
    const bool quoted = !rest_.empty() && (rest_.front() == '"' || rest_.front() == '\'');
    std::string value = quoted ? parse_quoted() : parse_bare(blank_before);
    if (value.find('\0') != std::string::npos) refuse("it holds a NUL byte");
    variables_.insert_or_assign(std::string(key), std::move(value));
  }

  std::string parse_bare(bool blank_before) {
    std::string_view value = rest_.substr(0, rest_.find('\n'));
    for (std::size_t i = 0; i < value.size(); ++i) {
      if (value[i] != '#' || !(i == 0 ? blank_before : is_blank(value[i - 1]))) continue;
      value = value.substr(0, i);
      break;
    }
    return std::string(trim(value));
  }

  std::string parse_quoted() {
    const char quote = rest_.front();
    std::string value;
    std::size_t i = 1;
    for (; i < rest_.size() && rest_[i] != quote; ++i) {
      if (quote == '"' && rest_[i] == '\\' && i + 1 < rest_.size()) {
        value += unescape(rest_[++i]);
      } else {
        value += rest_[i];
      }
    }
    if (i == rest_.size()) refuse("the quote that begins there is not closed");
    line_ += static_cast<std::size_t>(std::count(rest_.begin(), rest_.begin() + static_cast<long>(i), '\n'));
    rest_.remove_prefix(i + 1);
    skip_blanks();
    if (!rest_.empty() && rest_.front() != '#' && !at_line_end())
      refuse("something follows the closing quote");
    return value;
  }

  static std::string unescape(char c) {
    switch (c) {
      case 'n':
        return "\n";
      case 'r':
        return "\r";
      case 't':
        return "\t";
      case '"':
      case '\\':
        return {c};
      default:
        return {'\\', c};
    }
  }

  void skip_blanks() { rest_.remove_prefix(std::min(rest_.find_first_not_of(kBlank), rest_.size())); }
  bool at_line_end() const { return rest_.starts_with('\n') || rest_.starts_with("\r\n") || rest_ == "\r"; }

  void drop_line() {
    const auto end = rest_.find('\n');
    rest_.remove_prefix(end == std::string_view::npos ? rest_.size() : end + 1);
    ++line_;
  }

  [[noreturn]] void refuse(std::string_view reason) const {
    throw Error(ErrorKind::invalid, fmt::format("line {}: {}", line_, reason));
  }

  std::string_view rest_;
  std::size_t line_ = 1;
  Environment variables_;
};

}  // namespace

Environment parse_env_file(std::string_view text) {
  return EnvFileParser(text).parse();
}

}  // namespace hubkeep
