// Objects below the vault's root, which several repositories may need.
#pragma once

#include <string>

#include "vault/object_record.h"

namespace hubkeep {

inline bool is_shared(const ObjectRecord& record) {
  return record.key.starts_with('/');
}

/// What such an object is known by among those who need it: where two manifests disagree about its bytes,
/// these are two.
inline std::string name_of_shared(const ObjectRecord& record) {
  return record.key + ' ' + record.sha256;
}

}  // namespace hubkeep
