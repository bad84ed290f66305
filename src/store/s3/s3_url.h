// Where a bucket is and how its objects are addressed: pure functions.
//   https://BUCKET.s3.REGION.amazonaws.com/KEY   virtual-host style, AWS
//   https://s3.REGION.amazonaws.com/BUCKET/KEY   path style: names that a certificate's wildcard does not
//   cover ENDPOINT/BUCKET/KEY                          path style: everybody else's S3
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "http/url.h"

namespace hubkeep {

struct S3Address {
  std::optional<Url> endpoint;  // nothing: AWS
  std::string region;
  std::string bucket;
};

bool is_aws(const S3Address& address);

using S3Query = std::vector<std::pair<std::string, std::string>>;

/// The URL of an object, or of the bucket for an empty key. The key is encoded as the signature has it.
Url s3_url(const S3Address& address, std::string_view key, const S3Query& query);

/// "arn:aws:s3:::BUCKET/KEY", for messages.
std::string s3_arn(const S3Address& address, std::string_view key);

}  // namespace hubkeep
