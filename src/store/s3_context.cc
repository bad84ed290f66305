#include "store/s3_context.h"

#include "crypto/base64.h"

namespace hubkeep {

Headers object_headers(const S3Options& options, const ObjectKey& key) {
  Headers headers = {{"Content-Type", "application/octet-stream"}};
  if (!options.storage_class.empty() && options.is_content && options.is_content(key))
    headers.emplace_back("x-amz-storage-class", options.storage_class);
  if (!options.encryption.empty()) headers.emplace_back("x-amz-server-side-encryption", options.encryption);
  if (!options.kms_key_id.empty())
    headers.emplace_back("x-amz-server-side-encryption-aws-kms-key-id", options.kms_key_id);
  return headers;
}

std::string checksum_value(std::uint32_t crc32) {
  std::string bytes;
  for (int shift = 24; shift >= 0; shift -= 8) bytes += static_cast<char>((crc32 >> shift) & 0xFFU);
  return base64(bytes);
}

}  // namespace hubkeep
