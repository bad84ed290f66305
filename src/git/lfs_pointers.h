// Blobs that stand for objects of Git LFS (git-lfs, docs/spec.md):
//   "version" SP url LF *("ext-" digit "-" name SP "sha256:" 64hex LF) "oid sha256:" 64hex LF "size" SP
//   digits LF
// What git-lfs itself takes for one is one: whoever restores the history will ask for that object.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/byte_count.h"
#include "git/oid_set.h"

namespace hubkeep {

struct LfsPointer {
  std::string oid;  // the SHA-256 of the object: 64 lower-case hexadecimal digits
  ByteCount size = 0;

  friend auto operator<=>(const LfsPointer&, const LfsPointer&) = default;
};

/// What a blob points at, as git-lfs reads it (lfs/pointer.go): of less than 1,024 bytes, of any version of
/// the format that there was, also with CRLF, white space around it, empty lines, or no newline at its end.
/// Nothing for the empty blob and for a size of 0: there is no object to be had.
std::optional<LfsPointer> parse_lfs_pointer(std::string_view blob);

/// The objects that blobs point at, each once. One thread. Memory: some 50 bytes an object.
class LfsPointers {
 public:
  static constexpr std::uint64_t kSmallest = 114;
  static constexpr std::uint64_t kLargest = 1023;
  static constexpr std::size_t kMost = 300'000;
  static bool may_be_one(std::uint64_t size) { return size >= kSmallest && size <= kLargest; }

  /// Keeps at most so many.
  explicit LfsPointers(std::size_t most = kMost) : most_(most) {}

  void saw_blob(std::string_view content);
  /// A delta whose result may be a blob of this size: what it makes is not looked at.
  void saw_delta(std::uint64_t makes) { unresolved_ += may_be_one(makes) ? 1U : 0U; }
  /// Those deltas were looked at, and this is what they make.
  void resolve(LfsPointers deltas);

  /// Of different objects.
  std::size_t count() const { return oids_.size(); }
  /// Deltas that may make further ones.
  std::uint64_t unresolved() const { return unresolved_; }
  /// There are further ones than it keeps.
  bool is_full() const { return is_full_; }
  bool may_be_more() const { return unresolved_ > 0 || is_full_; }
  /// In the order of their names. One object may be there with several sizes: one of them is right.
  std::vector<LfsPointer> list() const;

 private:
  void add(const Oid& oid, ByteCount size);

  std::size_t most_;
  OidSet oids_;
  std::vector<ByteCount> sizes_;                               // of each of them, as the first pointer says
  std::set<std::pair<std::size_t, ByteCount>> further_sizes_;  // by place in oids_
  std::uint64_t unresolved_ = 0;
  bool is_full_ = false;
};

}  // namespace hubkeep
