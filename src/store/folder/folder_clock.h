// The time by which a file system says when its files were changed. On a network drive it is not ours.
#pragma once

#include <ctime>
#include <optional>

namespace hubkeep {

/// By a file that is made in the folder for that, and removed. Nothing where none can be made.
std::optional<std::time_t> time_in(int folder);

}  // namespace hubkeep
