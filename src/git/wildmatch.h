// Whether a pattern of .gitattributes fits a name: git's wildmatch(), which is no fnmatch().
#pragma once

#include <optional>
#include <string_view>

namespace hubkeep {

enum class Wildcards {
  cross_folders,    // '*' and '?' take a '/' as well
  stay_in_folders,  // they do not, but for "**" between slashes or at an end
};

/// Neither may hold a NUL. Nothing where it cannot be said within a bound of steps: a pattern with many "**"
/// can take for ever.
std::optional<bool> wildmatch(std::string_view pattern, std::string_view text, Wildcards wildcards);

}  // namespace hubkeep
