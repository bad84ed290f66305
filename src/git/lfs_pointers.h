// Counts the objects of Git LFS that the blobs of a pack point at (git-lfs, docs/spec.md):
//   "version https://git-lfs.github.com/spec/v1" LF *(key SP value LF), among them "oid sha256:" and 64
//   digits
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_set>

#include "base/byte_count.h"

namespace hubkeep {

/// What a pointer points at.
struct LfsPointer {
  std::string oid;  // the SHA-256 of the content, as 64 lower-case digits
  ByteCount size = 0;

  friend auto operator<=>(const LfsPointer&, const LfsPointer&) = default;
};

class LfsPointers {
 public:
  static constexpr std::uint64_t kSmallest = 100;
  static constexpr std::uint64_t kLargest = 1024;
  static bool may_be_one(std::uint64_t size) { return size >= kSmallest && size <= kLargest; }

  /// A blob that is stored whole.
  void saw_blob(std::string_view content);
  /// A delta whose result may be a blob of this size: what it makes is not looked at.
  void saw_delta(std::uint64_t makes) { may_be_more_ = may_be_more_ || may_be_one(makes); }

  /// Of different objects.
  std::size_t count() const { return objects_.size(); }
  bool may_be_more() const { return may_be_more_; }

 private:
  std::unordered_set<std::uint64_t> objects_;  // by the first digits of their names
  bool may_be_more_ = false;
};

}  // namespace hubkeep
