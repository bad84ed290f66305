// Where a store is, as people write it: a folder's path, a file:// URL, or s3://BUCKET/PREFIX. Pure.
#pragma once

#include <string>
#include <string_view>
#include <variant>

namespace hubkeep {

struct S3Location {
  std::string bucket;
  std::string prefix;  // what all keys begin with: empty, or with a '/' at its end

  friend bool operator==(const S3Location&, const S3Location&) = default;
};

/// Reads "s3://BUCKET[/PREFIX]". Throws Error(invalid) for any other text.
S3Location parse_s3_location(std::string_view text);

struct FolderLocation {
  std::string path;

  friend bool operator==(const FolderLocation&, const FolderLocation&) = default;
};

using StoreLocation = std::variant<FolderLocation, S3Location>;

/// Throws Error(invalid) for another scheme, and for a bucket or URL that is not one.
StoreLocation parse_store_location(const std::string& location);

}  // namespace hubkeep
