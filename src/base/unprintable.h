// Code points that a reader does not see, or that change how the others are seen.
#pragma once

namespace hubkeep {

/// Controls, what sets the direction of text or has no width, line and paragraph separators, variation
/// selectors, tags, private use, surrogates and noncharacters.
bool is_unprintable(char32_t code_point);

}  // namespace hubkeep
