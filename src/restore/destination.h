// Where a restored repository is to stand: a name that is free, or, as for `git clone`, an empty folder.
#pragma once

#include <filesystem>

#include "restore/workshop.h"

namespace hubkeep {

class Destination {
 public:
  /// Throws Error(invalid) where anything but an empty folder is there, or a link to one.
  explicit Destination(const std::filesystem::path& folder);

  /// Absolute; of a link, where it leads.
  const std::filesystem::path& path() const { return path_; }
  /// An existing folder stays itself, with its owner and all that is mounted or at work in it.
  bool is_there() const { return is_there_; }
  /// Where a scratch folder can be made that need only be moved to get there.
  std::filesystem::path beside() const { return is_there_ ? path_ : path_.parent_path(); }

  /// Throws Error(invalid) where something has come there since.
  void check_still_free() const;
  /// Moves `from` there: in one step where nothing is there. In an existing folder, its entries are moved one
  /// by one, so that a repository is in it whole or not at all: .git first, a bare one's HEAD last. Returns
  /// false where that is another file system. A repository that is not public stays its owner's alone; an
  /// existing folder loses what others may do in it. Throws Error(forbidden).
  bool take(const ScratchFolderGuard& from, bool is_public) const;

 private:
  std::filesystem::path path_;
  bool is_there_ = false;
};

}  // namespace hubkeep
