// The place where a repository is put together: a folder that vanishes, on a disk that has room for it.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "base/byte_sink.h"

namespace hubkeep {

/// How the names of folders begin in which a repository is put together.
constexpr std::string_view kScratchFolder = ".hubkeep-restore-";

/// A folder that is made here, for its owner alone, and vanishes at the end unless it was moved. Throws
/// Error(forbidden) where it cannot be made.
class ScratchFolderGuard {
 public:
  explicit ScratchFolderGuard(std::filesystem::path path);
  ScratchFolderGuard(const ScratchFolderGuard&) = delete;
  ScratchFolderGuard& operator=(const ScratchFolderGuard&) = delete;
  ~ScratchFolderGuard();

  const std::filesystem::path& path() const { return path_; }
  /// Gives the folder the mode that any other new one has.
  void open_as_usual() const;

 private:
  std::filesystem::path path_;
  std::filesystem::perms usual_ = std::filesystem::perms::none;  // less the umask
};

/// Takes away what others may do in a private repository's folder. Throws Error(forbidden).
void keep_others_out(const std::filesystem::path& folder);

/// Throws Error(invalid) with both sizes where `place`, which need not exist, has less than `needed` free.
/// `task` begins the sentence: "restoring".
void check_disk(const std::string& task, const std::filesystem::path& place, ByteCount needed);

}  // namespace hubkeep
