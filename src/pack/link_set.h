// What objects name, as a set, to see at the end whether all of it is there: git's proof of connectivity
// without a walk. A link is kept as eight bytes, keyed so that nobody can make two fall together, with the
// type that is expected folded in: a tree where a blob is named does not count.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/byte_count.h"

#include "git/object_links.h"

namespace hubkeep {

/// One thread. Memory: about 16 bytes for each different link that is open.
class LinkSet {
 public:
  LinkSet();

  /// Somebody names it.
  void add(const ObjectLink& link);
  /// Of an object that must be there, of whatever type: a tip.
  void add(const Oid& oid);
  bool contains(const ObjectLink& link) const;

  /// It is there; without a type, of whatever type. Forgets the links to it.
  void found(const Oid& oid, std::optional<ObjectType> type);
  std::size_t open() const { return open_; }

  ByteCount memory() const { return slots_.size() * sizeof slots_.front(); }

 private:
  std::uint64_t fingerprint(const Oid& oid, unsigned type) const;
  void insert(std::uint64_t fingerprint);
  void remove(std::uint64_t fingerprint);
  std::size_t slot_of(std::uint64_t fingerprint) const;
  void grow();

  std::array<std::uint64_t, 2> key_;
  std::size_t used_ = 0;  // slots, those of forgotten links included
  std::size_t open_ = 0;
  std::vector<std::uint64_t> slots_;  // open addressing; 2^n
};

}  // namespace hubkeep
