// What a store in a bucket and its writers share.
#pragma once

#include <atomic>

#include "store/s3/s3_client.h"
#include "store/s3/s3_options.h"

namespace hubkeep {

/// Whether the server keeps its word about If-None-Match and If-Match. Some know neither and write all the
/// same.
enum class Honoured { unknown, yes, no };

/// Whether the ETag of what is put in one piece is the MD5 of its bytes.
enum class Etags { unknown, md5, opaque };

struct S3Context {
  S3Client client;
  const S3Options options;
  MemoryBudget* memory;
  std::atomic<Honoured> if_none_match{Honoured::unknown};
  std::atomic<Honoured> if_match{Honoured::unknown};
  std::atomic<Etags> etags{Etags::unknown};
  std::atomic<bool> has_told{false};  // the user, that one of them is not honoured
  std::atomic<bool> has_told_of_governance{false};
  std::atomic<bool> bare_etags{false};          // Ceph compares If-Match with the ETag without its quotes
  std::atomic<bool> deletes_one_by_one{false};  // the server does not know DeleteObjects
};

/// As x-amz-checksum-crc32 has it: big-endian, base64.
std::string checksum_value(std::uint32_t crc32);

}  // namespace hubkeep
