#include "store/s3/s3_server.h"

namespace hubkeep {
namespace {

constexpr int kEnoughSuspicions = 2;

// A server that knows nothing of these answers just like one that keeps them.
bool is_shown_by_success(S3Feature feature) {
  return feature != S3Feature::if_none_match && feature != S3Feature::if_match &&
         feature != S3Feature::whole_checksums;
}

}  // namespace

std::string_view name_of(S3Feature feature) {
  switch (feature) {
    case S3Feature::checksums:
      return "x-amz-checksum-crc32";
    case S3Feature::checksum_mode:
      return "x-amz-checksum-mode";
    case S3Feature::upload_checksums:
      return "x-amz-checksum-algorithm";
    case S3Feature::whole_checksums:
      return "x-amz-checksum-type: FULL_OBJECT";
    case S3Feature::if_none_match:
      return "If-None-Match";
    case S3Feature::if_match:
      return "If-Match";
    case S3Feature::quoted_etags:
      return "If-Match with a quoted ETag";
    case S3Feature::md5_etags:
      return "ETags that are MD5s";
    case S3Feature::deletion_of_many:
      return "DeleteObjects";
    case S3Feature::list_of_uploads:
      return "ListMultipartUploads";
    case S3Feature::list_v2:
      return "ListObjectsV2";
    case S3Feature::start_after:
      return "start-after";
    case S3Feature::encoding_type:
      return "encoding-type";
  }
  return "";
}

S3Server::S3Server(bool is_aws) : is_aws_(is_aws) {
  if (!is_aws) return;
  for (auto& known : known_) known = Known::yes;
  learn(S3Feature::md5_etags, Known::unknown);
}

void S3Server::took(S3Feature feature) {
  if (!is_shown_by_success(feature)) return;
  suspicions_[index(feature)] = 0;
  Known before = Known::unknown;
  known_[index(feature)].compare_exchange_strong(before, Known::yes);
}

void S3Server::suspect(S3Feature feature) {
  if (++suspicions_[index(feature)] >= kEnoughSuspicions) learn(feature, Known::no);
}

}  // namespace hubkeep
