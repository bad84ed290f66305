// A TOML file of settings, reduced to what settings need: a key with the text of its value or values.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace hubkeep {

struct TomlValue {
  std::vector<std::string> items;  // booleans and integers as text
  bool is_array = false;
};

using TomlValues = std::map<std::string, TomlValue>;

/// Throws Error(invalid) with the line for what is no TOML, and for values that are no string, boolean,
/// integer or array of these.
TomlValues parse_toml(std::string_view text);

}  // namespace hubkeep
