// Where the objects of a part lie: below "<folder><name>/", whatever its kind.
#pragma once

#include <string>

#include "vault/names.h"
#include "vault/part.h"

namespace hubkeep {

struct PartPlace {
  std::string folder;  // of the repository
  PartName name;

  std::string prefix() const { return folder + name + "/"; }
  /// The key of an object of `snapshot`, relative to the folder.
  std::string record_key(const SnapshotId& snapshot, const std::string& suffix) const {
    return name + "/" + snapshot.str() + suffix;
  }
};

}  // namespace hubkeep
