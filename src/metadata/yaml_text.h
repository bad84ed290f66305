// JSON that is YAML as well. Every JSON text is YAML 1.2 but for what readers of YAML make of some
// characters: they take U+0085, U+2028 and U+2029 for line breaks, refuse other controls and byte order
// marks, and do not join surrogates. So none of these stands in the text but as \uXXXX, and everything else
// as UTF-8.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

namespace hubkeep {

/// In one line, without a line feed at its end. What is no UTF-8 stands as U+FFFD.
std::string yaml_text(const nlohmann::ordered_json& value);

}  // namespace hubkeep
