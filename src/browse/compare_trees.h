// Which files of two trees differ.
#pragma once

#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "browse/tree_path.h"

namespace hubkeep {

struct FileChange {
  char kind = 'M';  // as `git diff --name-status` has it: A, M, D; T: another type of file
  std::string path;

  friend bool operator==(const FileChange&, const FileChange&) = default;
};

struct FileChanges {
  std::vector<FileChange> files;  // by path
  bool is_cut = false;            // there are more than anybody reads
};

/// No tree: an empty one. Renames are not looked for. Subtrees that are the same are not read.
FileChanges compare_trees(PackChain& objects, const std::optional<Oid>& before,
                          const std::optional<Oid>& after, const std::stop_token& stop);

}  // namespace hubkeep
