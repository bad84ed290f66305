// A small file that is written whole, and over nothing.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "restore/part_restore.h"

namespace hubkeep {

/// Where another file has the name, `result` is told under `name`, and the file is left alone. The same
/// content is there already. `mode` is less the umask. Throws Error as file_error() says.
void write_new_file(const std::filesystem::path& file, std::string_view content, const std::string& name,
                    unsigned mode, PartRestored& result);

}  // namespace hubkeep
