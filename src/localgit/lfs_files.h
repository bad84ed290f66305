// The files of a work tree that Git LFS keeps elsewhere: what was checked out are pointers, and content takes
// their place, as git-lfs's filter would have done. Nothing of git-lfs is run, and none of its settings is
// heard: what a repository brings along (.lfsconfig) may say what is left out, and where from to fetch.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <stop_token>

#include "git/lfs_pointers.h"
#include "localgit/check_out_report.h"

namespace hubkeep {

/// The file that has an object's content; nothing where there is none.
using FindLfsObject = std::function<std::optional<std::filesystem::path>(const LfsPointer&)>;

struct LfsFiles {
  std::uint64_t written = 0;        // that have their content now
  std::uint64_t pointers = 0;       // that stay pointers, for want of the object
  CheckOutReport not_written = {};  // pointers that could not be replaced, and why
};

/// Of all files that the index of the work tree in `folder` names, and .gitattributes give to the filter
/// "lfs". What somebody has changed, or has taken away, stays as it is. git is told of what was written: its
/// `status` finds no change, with git-lfs or without it. Repeated, it goes on. Throws Error: cancelled,
/// internal (the disk is full or fails).
LfsFiles put_lfs_files(const std::filesystem::path& folder, const FindLfsObject& find,
                       const std::stop_token& stop);

}  // namespace hubkeep
