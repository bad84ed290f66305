// The process environment as a value. This is the only place that reads it.
#pragma once

#include <map>
#include <string>

namespace hubkeep {

/// Variables by name.
using Environment = std::map<std::string, std::string>;

/// A copy of the process environment; of a name that stands there twice, the first, as getenv has it.
Environment read_environment();

}  // namespace hubkeep
