// How a person names a gist: by its id alone, "gist:<id>", since its owner and what it is called may change.
// A repository cannot be called so: it has its owner before a slash.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace hubkeep {

/// Whether a gist can have this id: hexadecimal digits, in lower case.
bool is_gist_id(std::string_view text);

/// The id in "gist:<id>"; nothing for any other name.
std::optional<std::string> gist_named(std::string_view name);

}  // namespace hubkeep
