// A value that must not be seen: no printing, no formatting, no comparison by accident.
#pragma once

#include <string>

namespace hubkeep {

class Secret {
 public:
  Secret() = default;
  /// `origin` says where the value came from ("TOKEN_GITHUB", "--token-file /run/token"), for messages.
  Secret(std::string value, std::string origin) : value_(std::move(value)), origin_(std::move(origin)) {}

  bool empty() const { return value_.empty(); }
  const std::string& origin() const { return origin_; }
  /// The only door to the value: call it where bytes are sent, nowhere else.
  const std::string& reveal() const { return value_; }

 private:
  std::string value_;
  std::string origin_;
};

}  // namespace hubkeep
