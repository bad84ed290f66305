// The folder in which a drill restores: gone when the drill ends, and where the drill was killed, when the
// next one begins.
#pragma once

#include <filesystem>
#include <string>

#include "base/file_descriptor.h"

namespace hubkeep {

/// <digits>-hubkeep-drill below a folder, and beside it <digits>-hubkeep-drill.lock, which is locked for as
/// long as the drill lives. First removes what drills that are no longer alive have left there; on a file
/// system where a lock of another machine may not show, they are left. Throws Error(forbidden) where nothing
/// can be made.
class DrillScratch {
 public:
  explicit DrillScratch(const std::filesystem::path& parent);
  DrillScratch(const DrillScratch&) = delete;
  DrillScratch& operator=(const DrillScratch&) = delete;
  ~DrillScratch();

  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path lock_path_;
  std::filesystem::path path_;
  FileDescriptor lock_;
};

}  // namespace hubkeep
