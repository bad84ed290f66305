#include "vault/format_version.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/text.h"
#include "vault/json_integer.h"

namespace hubkeep {

std::string program_of(const nlohmann::ordered_json& json) {
  return printable(json.value("program", "an unknown version"));
}

void check_version(const nlohmann::ordered_json& json) {
  const std::string program = program_of(json);
  if (const int format = integer_from_json<int>(json.at("format")); format != kFormatVersion) {
    throw Error(ErrorKind::invalid,
                fmt::format("storage format {} was written by {}: {}", format, program, kUseNewerVersion));
  }
  for (const auto& feature : json.at("features")) {
    throw Error(ErrorKind::invalid, fmt::format("the feature {} was written by {}: {}",
                                                printable(feature.dump()), program, kUseNewerVersion));
  }
}

}  // namespace hubkeep
