// Cuts values out of JSON text without parsing them: brackets are counted, strings skipped. The text has been
// checked to be JSON before (is_json()), and nothing here checks again; of other text the slices are
// meaningless, but stay within it and come to an end. json_slices_fuzz.cc compares with the parser.
#include "github/json_slices.h"

#include <algorithm>

#include "base/json.h"

namespace hubkeep {
namespace {

using namespace std::string_view_literals;

constexpr auto kByteOrderMark = "\xEF\xBB\xBF"sv;
constexpr auto kSpace = " \t\n\r"sv;
// Where a number, true, false or null ends. The parser takes a NUL for the end of the text.
constexpr auto kEndsScalar = " \t\n\r,]}\0"sv;

class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {
    if (text_.starts_with(kByteOrderMark)) at_ = kByteOrderMark.size();
  }

  /// The next character that is no space; '\0' at the end.
  char peek() {
    at_ = std::min(text_.find_first_not_of(kSpace, at_), text_.size());
    return at_ < text_.size() ? text_[at_] : '\0';
  }

  bool take(char expected) {
    if (peek() != expected) return false;
    ++at_;
    return true;
  }

  /// The value that begins here; empty where none does.
  std::string_view value() {
    const char first = peek();
    const std::size_t begin = at_;
    if (first == '"')
      skip_string();
    else if (first == '[' || first == '{')
      skip_nested();
    else
      at_ = std::min(text_.find_first_of(kEndsScalar, at_), text_.size());
    return text_.substr(begin, at_ - begin);
  }

 private:
  void skip_string() {
    for (++at_; at_ < text_.size() && text_[at_] != '"'; ++at_)
      if (text_[at_] == '\\') ++at_;
    at_ = std::min(at_ + 1, text_.size());
  }

  void skip_nested() {
    int depth = 0;
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (c == '"') {
        skip_string();
        continue;
      }
      ++at_;
      if (c == '[' || c == '{') ++depth;
      if ((c == ']' || c == '}') && --depth == 0) return;
    }
  }

  const std::string_view text_;
  std::size_t at_ = 0;
};

// `key` with its quotes, in which any letter may be written as an escape.
bool is_named(std::string_view key, std::string_view name) {
  if (key.find('\\') != std::string_view::npos) return parse_json_or_discard(key) == name;
  return key.size() == name.size() + 2 && key.substr(1, name.size()) == name;
}

}  // namespace

std::optional<std::vector<std::string_view>> array_items(std::string_view json) {
  Scanner scanner(json);
  if (!scanner.take('[')) return std::nullopt;
  std::vector<std::string_view> items;
  for (auto item = scanner.value(); !item.empty(); item = scanner.value()) {
    items.push_back(item);
    if (!scanner.take(',')) break;
  }
  return items;
}

std::optional<std::string_view> object_member(std::string_view json, std::string_view name) {
  Scanner scanner(json);
  std::optional<std::string_view> found;
  if (!scanner.take('{')) return found;
  while (scanner.peek() == '"') {
    const std::string_view key = scanner.value();
    if (!scanner.take(':')) break;
    const std::string_view value = scanner.value();
    // No return at the first: of members of one name the parser takes the last, and so do we
    // (ObjectMember.IsFoundAsTheParserFindsIt).
    if (is_named(key, name)) found = value;
    if (!scanner.take(',')) break;
  }
  return found;
}

std::string_view kind_of_json(std::string_view json) {
  switch (Scanner(json).peek()) {
    case '{':
      return "an object";
    case '[':
      return "a list";
    case '"':
      return "a string";
    case 't':
    case 'f':
      return "a boolean";
    case 'n':
      return "null";
    default:
      return "a number";
  }
}

}  // namespace hubkeep
