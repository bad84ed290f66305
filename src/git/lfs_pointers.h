// Counts the objects of Git LFS that the blobs of a pack point at (git-lfs, docs/spec.md):
//   "version https://git-lfs.github.com/spec/v1" LF *(key SP value LF), among them "oid sha256:" and 64
//   digits
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <unordered_set>

namespace hubkeep {

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
