// The index of a work tree (gitformat-index), version 2:
//   "DIRC" version(4) count(4) *entry hash
//   entry: ctime(8) mtime(8) dev(4) ino(4) mode(4) uid(4) gid(4) size(4) oid flags(2) path 1*8NUL
// git looks into no file of which the index knows the times, the number and the size.
#pragma once

#include <sys/stat.h>

#include <cstdint>
#include <filesystem>
#include <vector>

#include "localgit/work_tree_plan.h"

namespace hubkeep {

/// What the index knows of a file: the lower 32 bits of each.
struct FileFacts {
  std::uint32_t changed = 0, changed_nanoseconds = 0, modified = 0, modified_nanoseconds = 0;
  std::uint32_t device = 0, number = 0, user = 0, group = 0, size = 0;
};

FileFacts facts_of(const struct ::stat& status);

/// `entries` are sorted by path. `found` has what is on disk of each, in the same order; it may be shorter or
/// have zeros: git looks then. Throws Error(internal).
void write_index(const std::filesystem::path& path, ObjectFormat format,
                 const std::vector<PlannedEntry>& entries, const std::vector<FileFacts>& found);

}  // namespace hubkeep
