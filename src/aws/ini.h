// The files under ~/.aws, as the AWS command line reads them (Python's configparser):
//   [section]
//   name = value          or "name: value"; names are lower-cased, "#" and ";" begin a comment only on a line
//     more of the value   of their own
//   name =
//     inner = value       kept as "name.inner"
// Specification: docs.aws.amazon.com/sdkref/latest/guide/file-format.html
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace hubkeep {

using IniSettings = std::map<std::string, std::string>;

struct IniSection {
  std::string name;  // blanks inside collapsed: "profile dev"
  IniSettings settings;
};

/// In the order of the text; a section that stands there twice, twice. Throws Error(invalid), which names the
/// line and never repeats it: it may hold a secret.
std::vector<IniSection> parse_ini(std::string_view text);

}  // namespace hubkeep
