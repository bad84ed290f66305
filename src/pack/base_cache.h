// Objects that were made from a pack, for the deltas that build on them.
#pragma once

#include <cstdint>
#include <list>
#include <map>
#include <memory>
#include <utility>

#include "base/byte_count.h"
#include "pack/object_source.h"

namespace hubkeep {

/// Several packs may share one. One thread.
class BaseCache {
 public:
  explicit BaseCache(ByteCount limit = ByteCount{32} << 20) : limit_(limit) {}

  using Place = std::pair<const void*, ByteCount>;  // a pack, and where an entry begins in it

  /// Null: it is not there.
  std::shared_ptr<const GitObject> find(const Place& place);
  /// Forgets those that were not used for the longest time. An object that would push out most others is not
  /// kept.
  void keep(const Place& place, std::shared_ptr<const GitObject> object);
  /// Before a pack goes: another may get its address.
  void clear();

 private:
  struct Kept {
    std::shared_ptr<const GitObject> object;
    std::list<Place>::iterator age;
  };

  static ByteCount cost(const GitObject& object);

  const ByteCount limit_;
  ByteCount used_ = 0;
  std::map<Place, Kept> objects_;
  std::list<Place> by_age_;  // used last first
};

}  // namespace hubkeep
