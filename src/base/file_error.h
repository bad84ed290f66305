// What the file system's error numbers mean to hubkeep and to the person who reads them.
#pragma once

#include <string_view>

#include "base/error.h"

namespace hubkeep {

/// `action` is what was tried ("write", "make the folder"), `path` where; the message names both, and the
/// file system where that may be the reason.
Error file_error(int error_number, std::string_view action, std::string_view path);

}  // namespace hubkeep
