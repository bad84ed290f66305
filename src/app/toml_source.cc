#include "app/toml_source.h"

#include <fmt/format.h>
#include <toml++/toml.h>

#include "base/error.h"
#include "base/text.h"

namespace hubkeep {
namespace {

[[noreturn]] void refuse(const toml::source_region& where, std::string_view reason) {
  throw Error(ErrorKind::invalid, fmt::format("line {}: {}", where.begin.line, printable(reason)));
}

std::string scalar_text(std::string_view key, const toml::node& node) {
  if (const auto* text = node.as_string()) {
    if (text->get().find('\0') != std::string::npos)
      refuse(node.source(), fmt::format("'{}' holds a NUL byte", key));
    return text->get();
  }
  if (const auto* truth = node.as_boolean()) return truth->get() ? "true" : "false";
  if (const auto* number = node.as_integer()) return std::to_string(number->get());
  if (node.is_table())
    refuse(node.source(), fmt::format("'{}' is a table; settings stand outside of tables", key));
  refuse(node.source(), fmt::format("'{}' is neither a string, a boolean, a whole number nor a list", key));
}

TomlValue convert(std::string_view key, const toml::node& node) {
  const auto* array = node.as_array();
  if (array == nullptr) return {{scalar_text(key, node)}, false};
  TomlValue value{{}, true};
  for (const toml::node& item : *array) value.items.push_back(scalar_text(key, item));
  return value;
}

}  // namespace

TomlValues parse_toml(std::string_view text) {
  try {
    TomlValues values;
    for (const auto& [key, node] : toml::parse(text)) values.emplace(key.str(), convert(key.str(), node));
    return values;
  } catch (const toml::parse_error& error) {
    refuse(error.source(), error.description());
  }
}

}  // namespace hubkeep
