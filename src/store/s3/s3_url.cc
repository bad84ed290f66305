#include "store/s3/s3_url.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"

namespace hubkeep {
namespace {

/// A TLS certificate for *.s3.REGION.amazonaws.com covers one label, and host names have no case.
bool fits_into_host(std::string_view bucket) {
  return std::all_of(bucket.begin(), bucket.end(),
                     [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; });
}

std::string encode_key(std::string_view key) {
  std::string path;
  for (const auto component : split(key, '/')) {
    if (!path.empty()) path += '/';
    path += url_encode(component);
  }
  return path;
}

std::string encode_query(const S3Query& query) {
  std::string text;
  for (const auto& [name, value] : query) {
    if (!text.empty()) text += '&';
    text += url_encode(name) + '=' + url_encode(value);
  }
  return text;
}

std::string aws_host(const S3Address& address, bool with_bucket) {
  const std::string_view domain = address.region.starts_with("cn-") ? "amazonaws.com.cn" : "amazonaws.com";
  return fmt::format("{}{}s3.{}.{}", with_bucket ? address.bucket : "", with_bucket ? "." : "",
                     address.region, domain);
}

}  // namespace

bool is_aws(const S3Address& address) {
  return !address.endpoint || address.endpoint->host.ends_with(".amazonaws.com") ||
         address.endpoint->host.ends_with(".amazonaws.com.cn");
}

Url s3_url(const S3Address& address, std::string_view key, const S3Query& query) {
  Url url;
  if (!address.endpoint) {
    const bool in_host = fits_into_host(address.bucket);
    url = Url::parse("https://" + aws_host(address, in_host));
    url.path = in_host ? "/" : "/" + address.bucket;
  } else {
    url = *address.endpoint;
    while (url.path.ends_with('/')) url.path.pop_back();
    url.path += "/" + address.bucket;
  }
  if (!key.empty()) url.path += (url.path.ends_with('/') ? "" : "/") + encode_key(key);
  url.query = encode_query(query);
  return url;
}

std::string s3_arn(const S3Address& address, std::string_view key) {
  const std::string_view partition = address.region.starts_with("cn-")       ? "aws-cn"
                                     : address.region.starts_with("us-gov-") ? "aws-us-gov"
                                                                             : "aws";
  return fmt::format("arn:{}:s3:::{}{}{}", partition, address.bucket, key.empty() ? "" : "/", printable(key));
}

}  // namespace hubkeep
