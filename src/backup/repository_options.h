// What is special about the backup of one repository.
#pragma once

#include <string>
#include <vector>

namespace hubkeep {

struct RepositoryOptions {
  /// Keys of objects, relative to its folder, that verify found lost or damaged. Then a new snapshot is made
  /// that needs none of them and says that they are lost.
  std::vector<std::string> lost = {};
  /// Keys of objects that an earlier repair gave up: whatever lies there now, nothing is built on it.
  std::vector<std::string> given_up = {};
  /// What is to be fetched is fetched in slices at once: in one piece it did not arrive in the time there is.
  bool in_slices = false;
};

}  // namespace hubkeep
