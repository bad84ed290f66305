// What is known of the server of a bucket, for as long as this program runs. AWS has all of these; others lack
// some. What a server lacks is found out by asking without it where it was refused: see S3Client. Nobody else
// keeps such knowledge. Which check stands in for what is lacking is said in docs/s3-servers.md.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <string_view>

namespace hubkeep {

/// What a server may lack, or do in a way of its own.
enum class S3Feature {
  checksums,          // x-amz-checksum-crc32 at what has a body: an object, its parts, what is asked in XML
  checksum_mode,      // x-amz-checksum-mode at HEAD
  upload_checksums,   // x-amz-checksum-algorithm where an upload begins
  whole_checksums,    // x-amz-checksum-type: FULL_OBJECT, and the checksum of the whole where it ends
  if_none_match,      // kept, not only taken
  if_match,           // the same
  quoted_etags,       // If-Match takes an ETag as it was given; Ceph wants it without its quotes
  md5_etags,          // the ETag of what is put in one piece is the MD5 of its bytes
  deletion_of_many,   // DeleteObjects
  list_of_uploads,    // ListMultipartUploads
  list_v2,            // ListObjectsV2; without it, ListObjects
  start_after,        // of ListObjectsV2, kept and not only taken
  encoding_type,      // of both lists; without it, keys come as they are
  locks_without_md5,  // a lock with a checksum and no Content-MD5
};
constexpr std::size_t kS3Features = 14;

/// "x-amz-checksum-*", "If-None-Match", "ListObjectsV2": for people.
std::string_view name_of(S3Feature feature);

enum class Known { unknown, yes, no };

/// What the user is told once of a server.
enum class S3Notice { conditions, governance, uploads };
constexpr std::size_t kS3Notices = 3;

/// Thread-safe.
class S3Server {
 public:
  /// Of AWS all is known, but whether its ETags are MD5s: that is a matter of encryption.
  explicit S3Server(bool is_aws);

  Known knows(S3Feature feature) const { return known_[index(feature)]; }
  bool has(S3Feature feature) const { return knows(feature) == Known::yes; }
  bool lacks(S3Feature feature) const { return knows(feature) == Known::no; }

  void learn(S3Feature feature, Known what) { known_[index(feature)] = what; }
  /// The feature was refused without a word, and what was asked went well without it. That may have been a
  /// moment's failure of something on the way: it counts when it comes a second time.
  void suspect(S3Feature feature);

  /// True for the first who asks.
  bool tells_first(S3Notice notice) { return !told_[static_cast<std::size_t>(notice)].exchange(true); }

 private:
  static constexpr std::size_t index(S3Feature feature) { return static_cast<std::size_t>(feature); }

  std::array<std::atomic<Known>, kS3Features> known_{};
  std::array<std::atomic<int>, kS3Features> suspicions_{};
  std::array<std::atomic<bool>, kS3Notices> told_{};
};

}  // namespace hubkeep
