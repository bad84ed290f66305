// What is special about the backup of one repository.
#pragma once

#include <string>
#include <vector>

#include "git/oid.h"

namespace hubkeep {

struct RepositoryOptions {
  /// Keys of objects, relative to its folder, that verify found lost or damaged. Then a new snapshot is made
  /// that needs none of them and says that they are lost.
  std::vector<std::string> lost = {};
  /// Keys of objects that an earlier repair gave up: whatever lies there now, nothing is built on it.
  std::vector<std::string> given_up = {};
  /// What is to be fetched is fetched in slices at once: in one piece it did not arrive in the time there is.
  bool in_slices = false;
  /// Attempts in a row before this one that gained nothing though they were in slices: these are smaller.
  int cuts_in_vain = 0;
  /// What an attempt that was cut had still to ask for, as its result said; see RepositoryResult. A hint:
  /// what is held, the newest snapshot says.
  std::vector<Oid> open = {};
  /// Files beside the history that are a large set are not fetched but divided: see PartOutcome::shares.
  bool may_spread = false;
};

}  // namespace hubkeep
