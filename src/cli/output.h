// Standard output. A result that did not arrive is an error; a reader that has gone away ("hubkeep list |
// head -1") has what it wanted.
#pragma once

#include <string_view>

#include "cli/command_table.h"

namespace hubkeep {

/// Lines of text. What comes from outside must have gone through printable() before: this is the last resort.
void print(std::string_view text);

/// Content, byte for byte: not for a terminal.
void print_bytes(std::string_view bytes);

/// Something that was printed did not arrive: who has much more to print can stop.
bool is_output_lost();

/// To be called once, at the end. `code`; nothing_done in place of ok when something that was printed is
/// lost, which is then told on standard error.
ExitCode finish_output(ExitCode code);

}  // namespace hubkeep
