// The hidden folder in which a repository is put together. Its name says what is restored and where to, and a
// lock on it whether somebody is at it: what a restore that was killed has left is found by the next one,
// which goes on with it if it restores the same, and removes it otherwise.
#pragma once

#include <filesystem>
#include <string_view>

#include "base/file_descriptor.h"

namespace hubkeep {

/// Its owner's alone. Gone at the end, unless it is kept.
class WorkPlace {
 public:
  /// In `parent`, which is made where it is missing, for what becomes `destination`. `what` tells apart all
  /// that can be restored to there. Where another process restores the same, or no lock can tell, the folder
  /// is new, and nobody will go on with it. Throws Error(forbidden) where it cannot be made.
  WorkPlace(const std::filesystem::path& parent, const std::filesystem::path& destination,
            std::string_view what);
  WorkPlace(const WorkPlace&) = delete;
  WorkPlace& operator=(const WorkPlace&) = delete;
  ~WorkPlace();

  const std::filesystem::path& path() const { return path_; }
  /// For the next attempt.
  void keep() { is_kept_ = true; }

 private:
  std::filesystem::path path_;
  FileDescriptor lock_;
  bool is_kept_ = false;
};

/// Removes what killed restores have left in `parent` for that destination, and nobody is at. No failure: it
/// is in nobody's way.
void remove_left_work_places(const std::filesystem::path& parent, const std::filesystem::path& destination);

}  // namespace hubkeep
