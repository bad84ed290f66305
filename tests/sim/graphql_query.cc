#include "sim/graphql_query.h"

#include <cctype>

#include "base/error.h"

namespace hubkeep::sim {

using nlohmann::json;

namespace {

class Parser {
 public:
  Parser(std::string_view text, const json& variables) : rest_(text), variables_(variables) {}

  std::vector<Selection> document() {
    if (peek() != '{') {
      if (word() != "query") fail();
      if (peek() != '(' && peek() != '{') word();
      if (peek() == '(') skip_definitions();
    }
    std::vector<Selection> out = selections();
    if (peek() != '\0') fail();
    return out;
  }

 private:
  [[noreturn]] void fail() const {
    throw Error(ErrorKind::invalid, "Parse error on \"" + std::string(rest_.substr(0, 20)) + "\"");
  }

  /// Commas are white space.
  char peek() {
    while (!rest_.empty() && (std::isspace(static_cast<unsigned char>(rest_[0])) != 0 || rest_[0] == ','))
      rest_.remove_prefix(1);
    return rest_.empty() ? '\0' : rest_[0];
  }

  bool take(char c) {
    if (peek() != c) return false;
    rest_.remove_prefix(1);
    return true;
  }

  void expect(char c) {
    if (!take(c)) fail();
  }

  std::string word() {
    peek();
    std::size_t size = 0;
    while (size < rest_.size() &&
           (std::isalnum(static_cast<unsigned char>(rest_[size])) != 0 || rest_[size] == '_'))
      ++size;
    if (size == 0) fail();
    std::string out(rest_.substr(0, size));
    rest_.remove_prefix(size);
    return out;
  }

  /// Types of variables are the schema check's business.
  void skip_definitions() {
    const auto end = rest_.find(')');
    if (end == std::string_view::npos) fail();
    rest_.remove_prefix(end + 1);
  }

  std::vector<Selection> selections() {
    std::vector<Selection> out;
    expect('{');
    while (!take('}')) out.push_back(selection());
    if (out.empty()) fail();
    return out;
  }

  Selection selection() {
    Selection out;
    if (peek() == '.') {
      if (!rest_.starts_with("...")) fail();
      rest_.remove_prefix(3);
      if (word() != "on") fail();
      out.on_type = word();
    } else {
      out.name = out.key = word();
      if (take(':')) out.name = word();
      if (take('(')) out.arguments = pairs(')');
    }
    if (peek() == '{') out.selections = selections();
    return out;
  }

  json pairs(char end) {
    json out = json::object();
    while (!take(end)) {
      const std::string name = word();
      expect(':');
      out[name] = value();
    }
    return out;
  }

  json value() {
    if (take('{')) return pairs('}');
    if (take('$')) return variables_.value(word(), json());
    if (take('[')) {
      json out = json::array();
      while (!take(']')) out.push_back(value());
      return out;
    }
    if (peek() == '"') return text();
    const std::string plain = word();
    const json literal = json::parse(plain, nullptr, false);  // a number, true, false or null
    return literal.is_discarded() ? json(plain) : literal;
  }

  json text() {
    std::size_t end = 1;
    while (end < rest_.size() && rest_[end] != '"') end += rest_[end] == '\\' ? 2 : 1;
    if (end >= rest_.size()) fail();
    const json out = json::parse(rest_.substr(0, end + 1), nullptr, false);
    if (out.is_discarded()) fail();
    rest_.remove_prefix(end + 1);
    return out;
  }

  std::string_view rest_;
  const json& variables_;
};

}  // namespace

std::vector<Selection> parse_query_document(std::string_view text, const json& variables) {
  return Parser(text, variables).document();
}

}  // namespace hubkeep::sim
