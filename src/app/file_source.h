// Small files that hold settings: `.env`, the TOML file, a token file.
#pragma once

#include <filesystem>
#include <functional>
#include <string>

namespace hubkeep {

struct FileText {
  enum class State { found, missing, folder };

  State state = State::missing;
  std::string text;  // empty unless found
};

using FileReader = std::function<FileText(const std::filesystem::path&)>;

/// Reads a file of at most 1 MiB; a pipe or device is read like a file. Throws Error(forbidden) when the file
/// cannot be opened, Error(invalid) when it is larger.
FileText read_settings_file(const std::filesystem::path& path);

}  // namespace hubkeep
