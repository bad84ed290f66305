// Text without regard to case, as Unicode's simple case folding has it: one character for one.
#pragma once

#include <string>
#include <string_view>

namespace hubkeep {

/// UTF-8; what is none stays as it is. No letter beyond ASCII becomes one of ASCII, though Unicode has two
/// that would (the long s and the sign for kelvin): so an ASCII word can be looked for in bytes.
std::string fold_case(std::string_view text);

}  // namespace hubkeep
