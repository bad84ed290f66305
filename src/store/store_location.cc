// A location is a folder's path unless it begins as a URL does. A scheme that we do not know is refused, so
// that a slip of the fingers in s3:// makes no folder of that name.
#include "store/store_location.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "base/error.h"
#include "base/text.h"

namespace hubkeep {
namespace {

constexpr std::string_view kFileScheme = "file://";
constexpr std::string_view kS3Scheme = "s3";
constexpr std::string_view kS3Start = "s3://";
constexpr std::size_t kShortestBucket = 3;
constexpr std::size_t kLongestBucket = 255;  // 63 on AWS today; older buckets and other servers have more
constexpr std::size_t kLongestPrefix = 500;  // a key may have 1024 bytes, the vault's own part needs some

[[noreturn]] void refuse(std::string_view location, std::string_view reason) {
  throw Error(ErrorKind::invalid, "'" + printable(location) + "': " + std::string(reason));
}

bool is_hex_digit(char c) {
  return std::isxdigit(static_cast<unsigned char>(c)) != 0;
}

/// RFC 3986 section 2.1.
std::string percent_decoded(std::string_view text, std::string_view location) {
  std::string decoded;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      decoded += text[i];
      continue;
    }
    const auto digits = text.substr(i + 1, 2);
    if (digits.size() != 2 || !std::all_of(digits.begin(), digits.end(), is_hex_digit)) {
      refuse(location, "'%' must be followed by two hexadecimal digits; write a '%' itself as %25");
    }
    decoded += from_hex(digits);
    i += 2;
  }
  return decoded;
}

/// RFC 8089: file://HOST/PATH, where the host is empty or "localhost".
std::string path_of_file_url(std::string_view location) {
  const auto rest = location.substr(kFileScheme.size());
  const auto slash = rest.find('/');
  const auto host = rest.substr(0, slash);
  if (slash == std::string_view::npos || (!host.empty() && !equals_ignoring_case(host, "localhost"))) {
    refuse(location, "a file URL names a folder of this machine by its full path: file:///path/to/folder");
  }
  if (rest.find_first_of("?#") != std::string_view::npos) {
    refuse(location, "in a file URL write '?' as %3F and '#' as %23");
  }
  return percent_decoded(rest.substr(slash), location);
}

/// "s3" of "s3://bucket" and of "s3:bucket"; empty for a path.
std::string_view scheme_of(std::string_view location) {
  const auto colon = location.find(':');
  if (colon == std::string_view::npos || colon == 0) return {};
  const auto scheme = location.substr(0, colon);
  const bool spelled_as_one = std::all_of(scheme.begin(), scheme.end(), [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '+' || c == '-' || c == '.';
  });
  return spelled_as_one && std::isalpha(static_cast<unsigned char>(scheme.front())) != 0 ? scheme
                                                                                         : std::string_view();
}

std::string path_of(std::string_view location) {
  const auto scheme = scheme_of(location);
  if (scheme.empty()) return std::string(location);
  if (location.size() >= kFileScheme.size() &&
      equals_ignoring_case(location.substr(0, kFileScheme.size()), kFileScheme)) {
    return path_of_file_url(location);
  }
  refuse(location, "hubkeep cannot use " + to_lower(scheme) +
                       "://: give a folder or s3://BUCKET/PREFIX (write ./ before a folder's name with "
                       "a colon)");
}

bool is_bucket_name(std::string_view name) {
  return name.size() >= kShortestBucket && name.size() <= kLongestBucket &&
         std::isalnum(static_cast<unsigned char>(name.front())) != 0 &&
         std::all_of(name.begin(), name.end(), [](unsigned char c) {
           return std::isalnum(c) != 0 || c == '.' || c == '-' || c == '_';
         });
}

}  // namespace

S3Location parse_s3_location(std::string_view text) {
  if (text.size() < kS3Start.size() || !equals_ignoring_case(text.substr(0, kS3Start.size()), kS3Start)) {
    refuse(text, "a bucket is given as s3://BUCKET/PREFIX");
  }
  const auto rest = text.substr(kS3Start.size());
  const auto slash = std::min(rest.find('/'), rest.size());
  S3Location location{.bucket = std::string(rest.substr(0, slash)), .prefix = {}};
  if (!is_bucket_name(location.bucket)) {
    refuse(text, "not a valid bucket name: letters, digits, '.', '-' and '_', three at least");
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

StoreLocation parse_store_location(const std::string& location) {
  if (location.empty())
    throw Error(ErrorKind::invalid, "the place of the vault is empty: give a folder or s3://BUCKET/PREFIX");
  if (equals_ignoring_case(scheme_of(location), kS3Scheme)) return parse_s3_location(location);
  std::string path = path_of(location);
  if (path.find('\0') != std::string::npos) refuse(location, "a path cannot hold a NUL");
  return FolderLocation{std::move(path)};
}

}  // namespace hubkeep
