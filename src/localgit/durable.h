// What was written stays, whatever happens to the machine from then on.
#pragma once

#include <filesystem>

namespace hubkeep {

/// All files below the folder, then the folders, and the folder itself. Throws Error as file_error() says.
void make_durable(const std::filesystem::path& folder);

/// One file's bytes, and not its name.
void make_file_durable(const std::filesystem::path& file);

/// That its names are as they are now.
void make_names_durable(const std::filesystem::path& folder);

}  // namespace hubkeep
