// What the answer to a PUT shows of the bytes that were sent: a status alone is no receipt, since anything on
// the way can say 200. AWS sends the checksum back; others give the MD5 as the ETag, but not of what they
// encrypt with keys (SSE-KMS, SSE-C), and some never.
//
// Which check stands in for which, from what AWS has to what is left:
//   on the way in     the hash of the body, SHA-256, that is signed: always, over TLS as well; and
//                     x-amz-checksum-crc32, or Content-MD5 where the server lacks that
//   of what is stored the CRC-32 that comes back, or the ETag as the body's MD5, or reading back where it
//   looks
//                     like the MD5 of other bytes, or the size by a HEAD where nothing is told
//   of many parts     the CRC-32 of the whole (FULL_OBJECT), or that of the parts' (COMPOSITE), or the ETag
//   made
//                     of the parts' MD5s, or as above; each part by itself as above in all cases
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "http/http_client.h"
#include "store/s3/s3_context.h"

namespace hubkeep {

enum class Receipt {
  none,          // no ETag: not S3 has answered
  right,         // of the bytes that were sent
  right_by_md5,  // and the ETag is their MD5
  wrong,         // of other bytes
  doubtful,      // the ETag looks like an MD5, but not of these bytes: wrong, or the server's are none
  silent         // says nothing of the content
};

struct SentBytes {
  std::string_view bytes;
  std::uint32_t crc32 = 0;
  BodyMd5* md5 = nullptr;  // of the bytes
};

/// Pure but for `md5`, which is called only where it decides: nothing where there is no MD5 to be had.
Receipt read_receipt(const HttpResponse& response, const SentBytes& sent,
                     const std::function<std::optional<std::string>(std::string_view)>& md5);

/// The same, and what it teaches about the server's ETags. Throws Error(transient) for none and wrong.
Receipt take_receipt(S3Context& context, const HttpResponse& response, const SentBytes& sent);

Error receipt_for_others();

/// The ETag of an object made of parts with these ETags, where they are MD5s: that of them together, and how
/// many. Nothing where one is none.
std::optional<std::string> etag_of_parts(const std::vector<std::string>& etags);

std::string without_quotes(std::string_view etag);

struct StoredContent {
  ByteCount size = 0;
  std::uint32_t crc32 = 0;
};

/// Asks once whether the object is there as it was sent: size, and the checksum where the server keeps one.
/// Throws Error(transient) where it is not.
void require_stored(S3Context& context, const std::string& key, const StoredContent& sent);

/// Reads the object and says whether it is as it was sent; of what is cold as require_stored().
bool reads_as(S3Context& context, const std::string& key, const StoredContent& sent);

/// The same: it is as it was sent, and then the server's ETags are no MD5s, or
/// Error(transient).
void read_back(S3Context& context, const std::string& key, const StoredContent& sent);

}  // namespace hubkeep
