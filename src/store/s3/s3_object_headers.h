// What a new object in a bucket is to be: its storage class, encryption and lock.
#pragma once

#include <string_view>

#include "store/s3/s3_context.h"

namespace hubkeep {

/// Headers of what is to become the object `key`, for PutObject and CreateMultipartUpload.
Headers object_headers(const S3Options& options, const ObjectKey& key, UtcTime now);
/// The action that they take.
std::string_view put_action(const Headers& headers);

}  // namespace hubkeep
