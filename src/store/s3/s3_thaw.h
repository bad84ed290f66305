// Bringing an object back out of an archive class: RestoreObject.
#pragma once

#include "store/object_store.h"
#include "store/s3/s3_client.h"

namespace hubkeep {

/// As ObjectStore::thaw() has it.
Access thaw_object(S3Client& client, const std::string& key, const ThawRequest& request);

/// Without days for INTELLIGENT_TIERING: out of its archive tiers an object comes for good.
std::string thaw_body(const ThawRequest& request, bool for_good);

}  // namespace hubkeep
