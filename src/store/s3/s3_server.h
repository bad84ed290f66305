// What is known of the server of a bucket, for as long as this program runs. AWS has all of these; others
// lack some. Nobody asks a server what it is: a request goes out as AWS has it, and where that is refused it
// goes out again without (S3Fallback). What was learnt so is kept here and nowhere else. Which check of the
// bytes stands in for one that a server lacks is said in s3_receipt.h.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <string_view>

namespace hubkeep {

/// What a server may lack, or do in a way of its own.
enum class S3Feature {
  checksums,         // x-amz-checksum-crc32 with an object, and with what is asked in XML
  checksum_mode,     // x-amz-checksum-mode with HEAD
  upload_checksums,  // x-amz-checksum-algorithm where an upload begins, and the checksums of its parts
  whole_checksums,   // x-amz-checksum-type: FULL_OBJECT, and the checksum of the whole where an upload ends
  if_none_match,     // kept, not only taken
  if_match,          // the same
  quoted_etags,      // If-Match takes an ETag as it was given; Ceph wants it without its quotes
  md5_etags,         // the ETag of what is put in one piece is the MD5 of its bytes
  deletion_of_many,  // DeleteObjects
  list_of_uploads,   // ListMultipartUploads
  list_v2,           // ListObjectsV2; without it, ListObjects
  start_after,       // with ListObjectsV2
  encoding_type,     // with both lists; without it, keys come as they are
};
constexpr std::size_t kS3Features = 13;

/// "x-amz-checksum-crc32", "If-None-Match", "ListObjectsV2": for people.
std::string_view name_of(S3Feature feature);

enum class Known { unknown, yes, no };

/// What the user is told once of a server.
enum class S3Notice { conditions, governance };
constexpr std::size_t kS3Notices = 2;

/// Thread-safe.
class S3Server {
 public:
  /// Of AWS all is known, but whether its ETags are MD5s: that is a matter of encryption.
  explicit S3Server(bool is_aws);

  bool is_aws() const { return is_aws_; }
  Known knows(S3Feature feature) const { return known_[index(feature)]; }
  bool has(S3Feature feature) const { return knows(feature) == Known::yes; }
  bool lacks(S3Feature feature) const { return knows(feature) == Known::no; }

  void learn(S3Feature feature, Known what) { known_[index(feature)] = what; }
  /// A request that used the feature went well. That shows that the server takes it, and no more: of the
  /// conditions and the checksum of a whole it shows nothing.
  void took(S3Feature feature);
  /// The feature was refused without a word, and what was asked went well without it. That may have been a
  /// moment's failure of something on the way: it counts when it comes twice, and the server has taken none
  /// in between.
  void suspect(S3Feature feature);

  /// True for the first who asks.
  bool tells_first(S3Notice notice) { return !told_[static_cast<std::size_t>(notice)].exchange(true); }

 private:
  static constexpr std::size_t index(S3Feature feature) { return static_cast<std::size_t>(feature); }

  const bool is_aws_;
  std::array<std::atomic<Known>, kS3Features> known_{};
  std::array<std::atomic<int>, kS3Features> suspicions_{};
  std::array<std::atomic<bool>, kS3Notices> told_{};
};

}  // namespace hubkeep
