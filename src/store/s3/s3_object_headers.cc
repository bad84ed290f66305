#include "store/s3/s3_object_headers.h"

#include <algorithm>

#include "store/s3/s3_lock.h"

namespace hubkeep {

Headers object_headers(const S3Options& options, const ObjectKey& key, UtcTime now) {
  Headers headers = {{"Content-Type", "application/octet-stream"}};
  if (!options.storage_class.empty() && options.is_content && options.is_content(key))
    headers.emplace_back("x-amz-storage-class", options.storage_class);
  if (!options.encryption.empty()) headers.emplace_back("x-amz-server-side-encryption", options.encryption);
  if (!options.kms_key_id.empty())
    headers.emplace_back("x-amz-server-side-encryption-aws-kms-key-id", options.kms_key_id);
  if (options.lock && options.lock->covers(key)) {
    const Headers lock = lock_headers(*options.lock, now);
    headers.insert(headers.end(), lock.begin(), lock.end());
  }
  return headers;
}

std::string_view put_action(const Headers& headers) {
  const bool locks = std::any_of(headers.begin(), headers.end(),
                                 [](const auto& header) { return header.first == kLockModeHeader; });
  return locks ? kPutLocked : kPut;
}

}  // namespace hubkeep
