#include "vault/ordered_line.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/json.h"
#include "base/text.h"

namespace hubkeep {
namespace {

std::string_view unquoted(std::string_view text) {
  return text.substr(1, text.size() - 2);
}

bool has_escapes(std::string_view text) {
  return text.find('\\') != std::string_view::npos;
}

}  // namespace

void OrderedLine::refuse() const {
  constexpr std::size_t kShown = 80;
  throw Error(ErrorKind::corrupt, fmt::format("not {}: {}", what_, printable(line_.substr(0, kShown))));
}

// With its quotes.
std::string_view OrderedLine::quoted() {
  if (!rest_.starts_with('"')) refuse();
  std::size_t end = 1;
  while (end < rest_.size() && rest_[end] != '"') end += rest_[end] == '\\' ? 2 : 1;
  if (end >= rest_.size()) refuse();
  const std::string_view text = rest_.substr(0, end + 1);
  rest_.remove_prefix(end + 1);
  return text;
}

std::string OrderedLine::text() {
  const std::string_view with_quotes = quoted();
  if (has_escapes(with_quotes)) return parse_json(with_quotes).get<std::string>();
  if (!is_utf8(with_quotes)) refuse();
  return std::string(unquoted(with_quotes));
}

std::string_view OrderedLine::plain_text() {
  const std::string_view with_quotes = quoted();
  if (has_escapes(with_quotes) || !is_utf8(with_quotes)) refuse();
  return unquoted(with_quotes);
}

UtcTime OrderedLine::time() {
  const auto time = parse_time(plain_text());
  if (!time) refuse();
  return *time;
}

std::string_view OrderedLine::last_object() {
  if (rest_.size() < 3 || rest_.front() != '{' || !rest_.ends_with("}}")) refuse();
  const std::string_view object = rest_.substr(0, rest_.size() - 1);
  rest_.remove_prefix(object.size());
  return object;
}

std::string quote(std::string_view text) {
  if (!is_utf8(text)) throw Error(ErrorKind::corrupt, "not UTF-8: " + printable(text));
  return nlohmann::json(text).dump();
}

std::string quote(UtcTime time) {
  return '"' + format_time(time) + '"';
}

}  // namespace hubkeep
