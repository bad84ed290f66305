// A `.env` file: KEY=VALUE lines, optionally after `export`; `#` begins a comment at the start of a line and
// after white space. 'single quotes' keep everything, "double quotes" know \n \r \t \" and \\; a quoted value
// may run over several lines. Nothing is expanded. Of a key that stands there twice, the last counts.
#pragma once

#include <string_view>

#include "app/environment_source.h"

namespace hubkeep {

/// Throws Error(invalid) with the number of the line, never with its text: it may hold a secret.
Environment parse_env_file(std::string_view text);

}  // namespace hubkeep
