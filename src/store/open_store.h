// The one place that knows which kinds of store there are.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "store/object_store.h"
#include "store/s3_url.h"

namespace hubkeep {

enum class OpenMode {
  read,    // must exist already
  write,   // must exist already; nothing is made before something is written
  create,  // made when it is missing
};

/// Makes a store in a bucket: it needs more than a place.
using S3Opener = std::function<std::unique_ptr<ObjectStore>(const S3Location& location)>;

/// Opens `location`: a path, a file:// URL, or s3://BUCKET/PREFIX by `open_s3`. Throws Error(invalid) for
/// another scheme and, but in mode create, Error(not_found) for a missing folder; a bucket is not looked at
/// yet.
std::unique_ptr<ObjectStore> open_store(const std::string& location, OpenMode mode, const S3Opener& open_s3);

/// The path that `location` names; nothing for a bucket. Throws Error(invalid) as open_store() does.
std::optional<std::string> folder_of_location(const std::string& location);

}  // namespace hubkeep
