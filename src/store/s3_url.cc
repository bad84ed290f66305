#include "store/s3_url.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "base/error.h"
#include "base/text.h"

namespace hubkeep {
namespace {

constexpr std::string_view kScheme = "s3://";
constexpr std::size_t kShortestBucket = 3;
constexpr std::size_t kLongestBucket = 255;  // 63 on AWS today; older buckets and other servers have more
constexpr std::size_t kLongestPrefix = 500;  // a key may have 1024 bytes, the vault's own part needs some

[[noreturn]] void refuse(std::string_view text, std::string_view reason) {
  throw Error(ErrorKind::invalid, fmt::format("'{}': {}", printable(text), reason));
}

bool is_bucket_name(std::string_view name) {
  return name.size() >= kShortestBucket && name.size() <= kLongestBucket &&
         std::isalnum(static_cast<unsigned char>(name.front())) != 0 &&
         std::all_of(name.begin(), name.end(), [](unsigned char c) {
           return std::isalnum(c) != 0 || c == '.' || c == '-' || c == '_';
         });
}

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

S3Location parse_s3_location(std::string_view text) {
  if (text.size() < kScheme.size() || !equals_ignoring_case(text.substr(0, kScheme.size()), kScheme)) {
    refuse(text, "a bucket is given as s3://BUCKET/PREFIX");
  }
  const auto rest = text.substr(kScheme.size());
  const auto slash = std::min(rest.find('/'), rest.size());
  S3Location location{.bucket = std::string(rest.substr(0, slash)), .prefix = {}};
  if (!is_bucket_name(location.bucket)) {
    refuse(text, "no name for a bucket: letters, digits, '.', '-' and '_', three at least");
  }
  auto prefix = rest.substr(std::min(slash + 1, rest.size()));
  while (prefix.ends_with('/')) prefix.remove_suffix(1);
  if (prefix.empty()) return location;
  if (prefix.size() > kLongestPrefix) refuse(text, "the prefix is too long");
  for (const auto component : split(prefix, '/')) {
    if (component.empty() || component == "." || component == "..")
      refuse(text, "in a prefix no part between slashes may be empty, '.' or '..'");
  }
  if (printable(prefix) != prefix) refuse(text, "a prefix must be printable UTF-8");
  location.prefix = std::string(prefix) + "/";
  return location;
}

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
