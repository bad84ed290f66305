// The one place that knows which kinds of store there are.
#pragma once

#include <memory>
#include <string>

#include "store/object_store.h"

namespace hubkeep {

enum class OpenMode {
  read,    // must exist already
  create,  // made when it is missing
};

/// Opens `location`: a path, or a file:// URL. Throws Error(invalid) for a scheme that this build cannot
/// serve and Error(not_found) for a missing one in mode read.
std::unique_ptr<ObjectStore> open_store(const std::string& location, OpenMode mode);

}  // namespace hubkeep
