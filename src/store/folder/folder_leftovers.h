// What writers that died have left in the folder of temporary files.
#pragma once

#include <chrono>
#include <string>

#include "store/object_store.h"

namespace hubkeep {

/// Removes what nobody writes any more: at once where locks tell (see file_lock.h), else what is older than
/// `age` by the file system's own clock; at age 0 all of that. A file that its writer holds locked is left
/// alone, however old. Throws Error where the folder cannot be read.
Leftovers remove_leftovers(int folder, const std::string& path, std::chrono::seconds age);

/// What no living writer holds, as far as locks tell; the writers notice nothing.
Leftovers count_leftovers(int folder, const std::string& path);

}  // namespace hubkeep
