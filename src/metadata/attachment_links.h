// Addresses of files in a text become the names of the files.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>

namespace hubkeep {

class AttachmentLinks {
 public:
  /// Which address, without a query, is which file.
  explicit AttachmentLinks(std::map<std::string, std::string, std::less<>> files = {})
      : files_(std::move(files)) {}

  /// An address goes with its query, which has a signature. One that only begins as a known one stays.
  std::string rewrite(std::string_view text) const;

 private:
  std::map<std::string, std::string, std::less<>> files_;
};

}  // namespace hubkeep
