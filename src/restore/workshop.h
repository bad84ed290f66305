// The place where a repository is put together: a folder that vanishes, on a disk that has room for it.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string>

#include "base/byte_sink.h"

namespace hubkeep {

/// A folder that is made here and vanishes at the end unless it was moved. `mode` is as mkdir(2) has it: less
/// the umask. Throws Error(forbidden) where it cannot be made.
class ScratchFolderGuard {
 public:
  ScratchFolderGuard(std::filesystem::path path, mode_t mode);
  ScratchFolderGuard(const ScratchFolderGuard&) = delete;
  ScratchFolderGuard& operator=(const ScratchFolderGuard&) = delete;
  ~ScratchFolderGuard();

  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

/// Throws Error(invalid) with both sizes where `place`, which need not exist, has less than `needed` free.
/// `task` begins the sentence: "restoring".
void check_disk(const std::string& task, const std::filesystem::path& place, ByteCount needed);

}  // namespace hubkeep
