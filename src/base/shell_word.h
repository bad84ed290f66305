// Words for a POSIX shell, in commands that a person is to copy.
#pragma once

#include <string>
#include <string_view>

namespace hubkeep {

/// `text` as one word: sh, dash, bash and zsh read back the same bytes, whatever they are. On a terminal it
/// is harmless, and on one line unless `text` ends with line feeds.
std::string shell_word(std::string_view text);

}  // namespace hubkeep
