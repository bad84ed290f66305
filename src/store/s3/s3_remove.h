// Removing objects from a bucket: DeleteObjects takes a thousand keys at once and answers for each of them.
#pragma once

#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include "store/s3/s3_context.h"

namespace hubkeep {

/// As ObjectStore::remove(), of whole keys of the bucket. One key is deleted by DeleteObject, as are all
/// where the server has once said that it does not know DeleteObjects.
std::vector<std::optional<Error>> remove_objects(S3Context& context, std::span<const std::string> keys,
                                                 const std::stop_token& stop);

}  // namespace hubkeep
