// Small files that hold settings: `.env`, the TOML file, a token file.
#pragma once

#include <filesystem>
#include <functional>
#include <string>

#include "base/byte_sink.h"

namespace hubkeep {

struct FileText {
  enum class State { found, missing, folder, special };

  State state = State::missing;
  std::string text = {};         // empty unless found
  std::string what = {};         // of one that is special: "a named pipe"
  bool others_may_read = false;  // a file that the group or everybody may read
};

/// Who says that a file is to be read: the user, who may mean a pipe or a device, or the folder that it lies
/// in, of which only files are read: a pipe would hold the program for ever.
enum class NamedBy { user, folder };

using FileReader = std::function<FileText(const std::filesystem::path&, NamedBy)>;

constexpr ByteCount kMaxSettingsFile = ByteCount{1} << 20;

/// Throws Error(forbidden) when the file cannot be opened, Error(invalid) when it is larger than `limit`,
/// some MiB.
FileText read_settings_file(const std::filesystem::path& path, NamedBy named_by,
                            ByteCount limit = kMaxSettingsFile);

}  // namespace hubkeep
