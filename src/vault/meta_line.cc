// The members stand in one order and without space around them, so that what a line is of is known without
// looking into its document:
//
//   {"kind":…,"id":…[,"parent":…][,"at":…][,"gone":…][,"document":…]}
//
// A repository may have a million lines, and most readers want few of them.
#include "vault/meta_line.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/json.h"
#include "base/text.h"

namespace hubkeep {
namespace {

[[noreturn]] void refuse(std::string_view line) {
  throw Error(ErrorKind::corrupt, "not a line of documents: " + printable(line.substr(0, 80)));
}

class LineReader {
 public:
  explicit LineReader(std::string_view line) : line_(line), rest_(line) {}

  bool take(std::string_view expected) {
    if (!rest_.starts_with(expected)) return false;
    rest_.remove_prefix(expected.size());
    return true;
  }
  bool is_at_end() const { return rest_.empty(); }
  void require(std::string_view expected) {
    if (!take(expected)) refuse(line_);
  }
  /// A text with its quotes.
  std::string_view quoted() {
    if (!rest_.starts_with('"')) refuse(line_);
    std::size_t end = 1;
    while (end < rest_.size() && rest_[end] != '"') end += rest_[end] == '\\' ? 2 : 1;
    if (end >= rest_.size()) refuse(line_);
    const std::string_view text = rest_.substr(0, end + 1);
    rest_.remove_prefix(end + 1);
    return text;
  }
  std::string text() {
    const std::string_view with_quotes = quoted();
    if (with_quotes.find('\\') == std::string_view::npos) return std::string(unquoted(with_quotes));
    return parse_json(with_quotes).get<std::string>();
  }
  std::string_view plain_text() {
    const std::string_view with_quotes = quoted();
    if (with_quotes.find('\\') != std::string_view::npos) refuse(line_);
    return unquoted(with_quotes);
  }
  UtcTime time() {
    const auto time = parse_time(plain_text());
    if (!time) refuse(line_);
    return *time;
  }
  /// All but the bracket that ends the line.
  std::string_view object() {
    if (rest_.size() < 3 || rest_.front() != '{' || !rest_.ends_with("}}")) refuse(line_);
    const std::string_view object = rest_.substr(0, rest_.size() - 1);
    rest_.remove_prefix(object.size());
    return object;
  }

 private:
  static std::string_view unquoted(std::string_view text) { return text.substr(1, text.size() - 2); }

  const std::string_view line_;
  std::string_view rest_;
};

std::string quote(std::string_view text) {
  if (!is_utf8(text)) throw Error(ErrorKind::corrupt, "not UTF-8: " + printable(text));
  return nlohmann::json(text).dump();
}

std::string quote(UtcTime time) {
  return '"' + format_time(time) + '"';
}

}  // namespace

MetaLine meta_line_from(std::string_view line) {
  LineReader reader(line);
  MetaLine result;
  reader.require("{\"kind\":");
  result.kind = reader.plain_text();
  reader.require(",\"id\":");
  result.id = reader.text();
  if (reader.take(",\"parent\":")) result.parent = reader.text();
  if (reader.take(",\"at\":")) result.at = reader.time();
  if (reader.take(",\"gone\":")) result.gone = reader.time();
  if (reader.take(",\"document\":")) result.document = reader.object();
  reader.require("}");
  if (!reader.is_at_end() || result.kind.empty() || result.id.empty()) refuse(line);
  if (result.document.empty() ? !result.gone : !result.at) refuse(line);
  return result;
}

std::string to_line(const MetaLine& line) {
  std::string text = "{\"kind\":" + quote(line.kind) + ",\"id\":" + quote(line.id);
  if (!line.parent.empty()) text += ",\"parent\":" + quote(line.parent);
  if (line.at) text += ",\"at\":" + quote(*line.at);
  if (line.gone) text += ",\"gone\":" + quote(*line.gone);
  if (!line.document.empty()) {
    text += ",\"document\":";
    const std::size_t begin = text.size();
    text += line.document;
    std::replace_if(
        text.begin() + static_cast<std::ptrdiff_t>(begin), text.end(),
        [](char c) { return c == '\n' || c == '\r'; }, ' ');
  }
  return text + "}\n";
}

}  // namespace hubkeep
