// The XML that S3 answers with, and the one that completes an upload. What is no such XML, cut short for
// instance, is Error(transient): a 200 may end too early.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "store/object_store.h"

namespace hubkeep {

/// A page of ListObjectsV2 or, where the server knows no other, of ListObjects. Keys are whole keys of the
/// bucket, decoded.
struct S3ListPage {
  std::vector<ObjectInfo> objects;
  std::vector<std::string> common_prefixes;
  bool more = false;
  std::string next;    // the continuation token of ListObjectsV2
  std::string marker;  // of ListObjects: what the next page begins after, where the server says so
};
S3ListPage parse_list_page(std::string_view xml);

struct S3PendingUpload {
  std::string key;
  std::string id;
  UtcTime initiated;
};

/// A page of ListMultipartUploads.
struct S3UploadsPage {
  std::vector<S3PendingUpload> uploads;
  bool more = false;
  std::string next_key;
  std::string next_id;
};
S3UploadsPage parse_uploads_page(std::string_view xml);

/// A page of ListParts: the newest part's time, and the size of all.
struct S3PartsPage {
  UtcTime newest;
  ByteCount size = 0;
  bool more = false;
  std::string next;
};
S3PartsPage parse_parts_page(std::string_view xml);

/// The upload's id in <InitiateMultipartUploadResult>.
std::string parse_upload_id(std::string_view xml);

/// <CompleteMultipartUploadResult> and nothing else. Each may be empty: Ceph 16 gives no ETag.
struct S3Completion {
  std::string etag;
  std::string crc32;  // base64
  std::string checksum_type;
};
S3Completion parse_completion(std::string_view xml);

struct S3Part {
  int number = 0;
  std::string etag;
  std::string crc32;  // base64; empty: the server has told none
};
std::string completion_body(const std::vector<S3Part>& parts);

struct S3FailedDeletion {
  std::string key;
  std::string code;
  std::string message;
};

/// The answer to DeleteObjects, and the request.
struct S3Deletions {
  std::vector<std::string> deleted;
  std::vector<S3FailedDeletion> failed;
};
S3Deletions parse_deletions(std::string_view xml);
std::string deletion_body(const std::set<std::string>& keys);

}  // namespace hubkeep
