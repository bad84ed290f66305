// Two steps: the text becomes a document, in which a variable is {"$": name} (no name of GraphQL begins so);
// then the one operation is written out with its variables' values and its fragments.
#include "sim/graphql_query.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <map>
#include <optional>

#include "base/error.h"

namespace hubkeep::sim {

using nlohmann::json;

namespace {

struct Directive {
  std::string name;
  json arguments;
};

struct ParsedSelection {
  Selection selection;  // without its selections
  std::string spread;   // the fragment's name
  std::vector<Directive> directives;
  std::vector<ParsedSelection> selections;
};

struct Variable {
  std::string name;
  std::string type;  // "[ID!]!"
  std::optional<json> fallback;
};

struct Operation {
  std::string name;
  std::vector<Variable> variables;
  std::vector<ParsedSelection> selections;
};

struct Fragment {
  std::string on_type;
  std::vector<ParsedSelection> selections;
};

struct Document {
  std::vector<Operation> operations;
  std::map<std::string, Fragment, std::less<>> fragments;
};

class Parser {
 public:
  explicit Parser(std::string_view text) : rest_(text) {}

  Document document() {
    Document out;
    while (peek() != '\0') definition(out);
    if (out.operations.empty()) fail();
    return out;
  }

 private:
  void definition(Document& out) {
    if (peek() == '{') {
      out.operations.push_back({"", {}, selections()});
      return;
    }
    const std::string kind = word();
    if (kind == "query") {
      out.operations.push_back(operation());
    } else if (kind == "fragment") {
      const std::string name = word();
      if (word() != "on") fail();
      const std::string on_type = word();
      out.fragments[name] = {on_type, selections()};
    } else {
      fail();
    }
  }

  Operation operation() {
    Operation out;
    if (peek() != '(' && peek() != '{') out.name = word();
    if (take('(')) {
      while (!take(')')) out.variables.push_back(variable());
    }
    out.selections = selections();
    return out;
  }

  Variable variable() {
    Variable out;
    expect('$');
    out.name = word();
    expect(':');
    out.type = type();
    if (take('=')) out.fallback = value();
    return out;
  }

  std::string type() {
    std::string out;
    if (take('[')) {
      out = "[" + type() + "]";
      expect(']');
    } else {
      out = word();
    }
    return take('!') ? out + "!" : out;
  }

  [[noreturn]] void fail() const {
    throw Error(ErrorKind::invalid, "Parse error on \"" + std::string(rest_.substr(0, 20)) + "\"");
  }

  void step() {
    if (rest_[0] == '\n') {
      ++line_;
      column_ = 0;
    }
    ++column_;
    rest_.remove_prefix(1);
  }

  /// Commas are white space, and so is what follows a number sign.
  char peek() {
    while (!rest_.empty()) {
      if (rest_[0] == '#') {
        while (!rest_.empty() && rest_[0] != '\n') step();
      } else if (std::isspace(static_cast<unsigned char>(rest_[0])) != 0 || rest_[0] == ',') {
        step();
      } else {
        return rest_[0];
      }
    }
    return '\0';
  }

  bool take(char c) {
    if (peek() != c) return false;
    step();
    return true;
  }

  void expect(char c) {
    if (!take(c)) fail();
  }

  std::string word() {
    peek();
    return take_while([](unsigned char c) { return std::isalnum(c) != 0 || c == '_'; });
  }

  std::string number() {
    return take_while(
        [](unsigned char c) { return std::isalnum(c) != 0 || c == '-' || c == '+' || c == '.'; });
  }

  std::string take_while(bool (*is_wanted)(unsigned char)) {
    std::string out;
    for (; !rest_.empty() && is_wanted(static_cast<unsigned char>(rest_[0])); step()) out += rest_[0];
    if (out.empty()) fail();
    return out;
  }

  std::vector<ParsedSelection> selections() {
    std::vector<ParsedSelection> out;
    expect('{');
    while (!take('}')) out.push_back(selection());
    if (out.empty()) fail();
    return out;
  }

  ParsedSelection selection() {
    ParsedSelection out;
    const char first = peek();
    out.selection.line = line_;
    out.selection.column = column_;
    if (first == '.') {
      spread(out);
    } else {
      out.selection.name = out.selection.key = word();
      if (take(':')) out.selection.name = word();
      if (take('(')) out.selection.arguments = pairs(')');
    }
    while (take('@')) {
      std::string name = word();
      out.directives.push_back({std::move(name), take('(') ? pairs(')') : json::object()});
    }
    if (peek() == '{') out.selections = selections();
    return out;
  }

  void spread(ParsedSelection& out) {
    if (!rest_.starts_with("...")) fail();
    for (int i = 0; i < 3; ++i) step();
    if (peek() == '{' || peek() == '@') return;
    const std::string name = word();
    if (name == "on") {
      out.selection.on_type = word();
    } else {
      out.spread = name;
    }
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
    if (take('$')) return {{"$", word()}};
    if (take('[')) {
      json out = json::array();
      while (!take(']')) out.push_back(value());
      return out;
    }
    const char first = peek();
    if (first == '"') return text();
    const std::string plain =
        first == '-' || std::isdigit(static_cast<unsigned char>(first)) != 0 ? number() : word();
    const json literal = json::parse(plain, nullptr, false);  // a number, true, false or null
    return literal.is_discarded() ? json(plain) : literal;
  }

  json text() {
    std::size_t end = 1;
    while (end < rest_.size() && rest_[end] != '"') end += rest_[end] == '\\' ? 2 : 1;
    if (end >= rest_.size()) fail();
    const json out = json::parse(rest_.substr(0, end + 1), nullptr, false);
    if (out.is_discarded()) fail();
    for (std::size_t i = 0; i <= end; ++i) step();
    return out;
  }

  std::string_view rest_;
  int line_ = 1;
  int column_ = 1;
};

/// As far as the types go that every schema has; what an input object has in it is the schema check's
/// business.
bool is_of_type(const json& value, std::string_view type) {
  if (type.ends_with('!')) return !value.is_null() && is_of_type(value, type.substr(0, type.size() - 1));
  if (value.is_null()) return true;
  if (type.starts_with('[')) {
    const std::string_view each = type.substr(1, type.size() - 2);
    if (!value.is_array()) return is_of_type(value, each);  // GraphQL takes it as a list of one
    return std::all_of(value.begin(), value.end(), [&](const json& one) { return is_of_type(one, each); });
  }
  if (type == "Int") return value.is_number_integer();
  if (type == "Boolean") return value.is_boolean();
  if (type == "String" || type == "DateTime" || type == "URI") return value.is_string();
  if (type == "ID") return value.is_string() || value.is_number_integer();
  return true;
}

class Writer {
 public:
  Writer(const Document& document, const Operation& operation, const json& given) : document_(document) {
    for (const Variable& each : operation.variables) {
      declared_.push_back(each.name);
      std::optional<json> value =
          given.is_object() && given.contains(each.name) ? std::optional(given.at(each.name)) : each.fallback;
      if (!is_of_type(value.value_or(json()), each.type))
        throw Error(ErrorKind::invalid,
                    fmt::format("Variable ${} of type {} was provided invalid value", each.name, each.type));
      if (value) values_[each.name] = *std::move(value);
    }
  }

  std::vector<Selection> write(const std::vector<ParsedSelection>& selections) {
    std::vector<Selection> out;
    for (const ParsedSelection& each : selections) {
      if (is_left_out(each.directives)) continue;
      Selection selection = each.selection;
      selection.arguments = resolve(each.selection.arguments);
      if (each.spread.empty()) {
        selection.selections = write(each.selections);
      } else {
        const Fragment& fragment = fragment_of(each.spread);
        spread_.push_back(each.spread);
        selection.on_type = fragment.on_type;
        selection.selections = write(fragment.selections);
        spread_.pop_back();
      }
      out.push_back(std::move(selection));
    }
    return out;
  }

 private:
  const Fragment& fragment_of(const std::string& name) const {
    const auto found = document_.fragments.find(name);
    if (found == document_.fragments.end())
      throw Error(ErrorKind::invalid, fmt::format("Fragment {} was used, but not defined", name));
    if (std::find(spread_.begin(), spread_.end(), name) != spread_.end())
      throw Error(ErrorKind::invalid, fmt::format("Fragment {} contains an infinite loop", name));
    return found->second;
  }

  bool is_left_out(const std::vector<Directive>& directives) const {
    return std::any_of(directives.begin(), directives.end(), [&](const Directive& each) {
      const json condition = resolve(each.arguments).value("if", json());
      if ((each.name != "include" && each.name != "skip") || !condition.is_boolean())
        throw Error(ErrorKind::invalid, fmt::format("Directive @{} is not defined", each.name));
      return condition.get<bool>() == (each.name == "skip");
    });
  }

  /// An argument whose variable has no value is as good as not there.
  json resolve(const json& value) const {
    if (value.is_array()) {
      json out = json::array();
      for (const json& each : value) out.push_back(is_absent(each) ? json() : resolve(each));
      return out;
    }
    if (!value.is_object()) return value;
    if (value.contains("$")) return values_.at(value.at("$"));
    json out = json::object();
    for (const auto& [name, each] : value.items()) {
      if (!is_absent(each)) out[name] = resolve(each);
    }
    return out;
  }

  bool is_absent(const json& value) const {
    if (!value.is_object() || !value.contains("$")) return false;
    const std::string name = value.at("$");
    if (std::find(declared_.begin(), declared_.end(), name) == declared_.end())
      throw Error(ErrorKind::invalid, fmt::format("Variable ${} is used but not declared", name));
    return !values_.contains(name);
  }

  const Document& document_;
  std::vector<std::string> declared_;
  json values_ = json::object();
  std::vector<std::string> spread_;  // the fragments in which this is written
};

const Operation& operation_of(const Document& document, std::string_view name) {
  if (name.empty() && document.operations.size() == 1) return document.operations.front();
  for (const Operation& each : document.operations) {
    if (!name.empty() && each.name == name) return each;
  }
  throw Error(ErrorKind::invalid, name.empty() ? "An operation name is required"
                                               : fmt::format("No operation named \"{}\"", name));
}

}  // namespace

std::vector<Selection> parse_query_document(std::string_view text, const json& variables,
                                            std::string_view operation) {
  const Document document = Parser(text).document();
  const Operation& asked = operation_of(document, operation);
  return Writer(document, asked, variables).write(asked.selections);
}

std::string operation_name_in(std::string_view text) {
  try {
    return Parser(text).document().operations.front().name;
  } catch (const Error&) {
    return "";
  }
}

}  // namespace hubkeep::sim
