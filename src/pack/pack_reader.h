// Objects of one pack, found by its index and made from pieces of it. Nothing of the pack or the index is
// trusted: every object that is made is hashed and compared with its name, no size is allocated before it is
// seen that the bytes can make it, chains of deltas are followed in a loop and have an end.
//
// No index says how long an entry is: it ends where the next one begins at the latest.
#pragma once

#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "git/pack_entry.h"
#include "git/pack_index.h"
#include "pack/base_cache.h"
#include "pack/byte_source.h"
#include "pack/object_source.h"

namespace hubkeep {

constexpr ByteCount kLargestObjectToMake = ByteCount{1} << 30;

/// Where an entry lies in its pack. With an index that leaves out objects, it may be longer than it is.
struct PackExtent {
  ByteCount offset = 0;
  ByteCount length = 0;
};

/// One thread. Keeps references to `pack`, `cache` and the bytes of the index. Memory: 8 bytes an object, the
/// cache, and about three times the largest object on the way.
class PackReader {
 public:
  PackReader(const PackIndex& index, ByteSource& pack, BaseCache& cache,
             ByteCount largest_object = kLargestObjectToMake)
      : index_(index), pack_(pack), cache_(cache), largest_object_(largest_object) {}
  PackReader(const PackReader&) = delete;
  PackReader& operator=(const PackReader&) = delete;

  const PackIndex& index() const { return index_; }

  /// Nothing where the index does not have it. `elsewhere` has the bases of a thin pack. Throws Error:
  /// corrupt, naming object and offset; invalid for an object, or one on its way, that is larger than
  /// allowed; what the sources throw; cancelled.
  std::optional<GitObject> read(const Oid& oid, ObjectSource& elsewhere, const std::stop_token& stop);

  /// How large it says that it is: nothing is made, and so nothing compared. Throws as read() does.
  std::optional<ByteCount> size_of(const Oid& oid, const std::stop_token& stop);

  std::optional<PackExtent> extent_of(const Oid& oid);

 private:
  struct Entry;

  GitObject make(ByteCount offset, ObjectSource& elsewhere, const std::stop_token& stop);
  Entry open(ByteCount offset, const std::stop_token& stop);
  ByteCount length_at(ByteCount offset);
  std::string inflate_entry(const Entry& entry, const std::stop_token& stop);
  GitObject apply(const Entry& entry, const GitObject& base, const std::stop_token& stop);
  void check_size(ByteCount size) const;

  const PackIndex index_;
  ByteSource& pack_;
  BaseCache& cache_;
  const ByteCount largest_object_;
  std::vector<ByteCount> offsets_;  // sorted; made when first needed
};

/// What an object with this content is called.
Oid name_of(ObjectType type, std::string_view content, ObjectFormat format);

}  // namespace hubkeep
