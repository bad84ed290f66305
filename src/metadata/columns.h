// How wide text is on a terminal. Text that went through printable() has no controls.
#pragma once

#include <string>
#include <string_view>

namespace hubkeep {

/// Most characters are one column wide, those of Chinese, Japanese and Korean and most pictures two, accents
/// of their own none.
std::size_t columns_of(std::string_view text);

/// `text` where it fits; else as much of its beginning as fits before an ellipsis.
std::string cut_to(std::string_view text, std::size_t columns);

/// The first character of `text`, which is not empty, with its width. What is no UTF-8 is a character a byte.
struct Character {
  std::size_t size;  // in bytes
  char32_t code_point;
};
Character first_character(std::string_view text);

}  // namespace hubkeep
