// A large set of files that a repository lacks, divided so that several workers fetch at once.
#pragma once

#include <string_view>

namespace hubkeep {

constexpr int kMostShares = 4;

/// Those files whose hashes are in one of `of` ranges of the same width.
struct Share {
  int number = 1;  // from 1
  int of = 1;

  /// `oid`: at least 8 lower-case hex digits. Pure.
  bool has(std::string_view oid) const;

  friend bool operator==(const Share&, const Share&) = default;
};

}  // namespace hubkeep
