// What HEAD says of an object: not only that it is there, but also whether it can be read now.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "store/object_store.h"
#include "store/s3/s3_client.h"

namespace hubkeep {

struct S3Head {
  ByteCount size = 0;
  std::string etag;  // with its quotes
  UtcTime modified;
  std::string storage_class;  // empty: the usual one
  Access access = Access::at_once;
  std::optional<std::uint32_t> crc32;  // of the whole; where the server has checked it against the content
  std::string lock_mode;               // "GOVERNANCE", "COMPLIANCE"; empty: not locked, or not to be told
  std::optional<UtcTime> locked_until;
};

/// Nothing for an answer without size, time or ETag, and for a page: what we and other tools store is no
/// HTML.
std::optional<S3Head> parse_head(const HttpResponse& response);

/// Whether the head of a 2xx answer is that of an object: it has an ETag and is no page.
bool is_head_of_object(const HttpResponse& response);

/// x-amz-checksum-crc32, where it is that of the whole.
std::optional<std::uint32_t> parse_crc32(std::string_view value, std::string_view type);

/// "2026-11-23T18:45:01.000Z", with any fraction or none.
std::optional<UtcTime> parse_s3_time(std::string_view text);

/// Digits and nothing else.
std::optional<ByteCount> parse_byte_count(std::string_view digits);

/// Whether an object of this class must be brought back before it can be read.
bool is_archive_class(std::string_view storage_class);

/// Nothing when there is no such object. A 404 to a HEAD has no body: where nothing else in it shows that it
/// is S3's, a GET is asked, whose 404 has.
std::optional<S3Head> head_object(S3Client& client, const std::string& key);

}  // namespace hubkeep
