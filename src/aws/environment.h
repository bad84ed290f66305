// What AWS's tools take from the process: its variables and the home folder, as values.
#pragma once

#include <map>
#include <optional>
#include <string>

namespace hubkeep {

struct AwsEnvironment {
  std::map<std::string, std::string> variables;
  std::string home;  // where ~ leads; may be empty

  /// The variable, unless it is empty: AWS's tools treat an empty one as not set.
  std::optional<std::string> get(const std::string& name) const {
    const auto found = variables.find(name);
    if (found == variables.end() || found->second.empty()) return std::nullopt;
    return found->second;
  }
};

}  // namespace hubkeep
