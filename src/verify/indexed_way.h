// The packs of a chain as far as it was read, each with the index that was made of it here: which objects
// there are and of which type, and what they hold.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "pack/base_cache.h"
#include "pack/byte_source.h"
#include "pack/link_set.h"
#include "pack/object_source.h"
#include "pack/pack_reader.h"

namespace hubkeep {

/// An object that is named and not there, or not of the type that it is named as.
struct OpenLink {
  ObjectLink link;
  std::optional<ObjectType> type;  // that it has, where it is there
  Oid named_by;
  ObjectType named_by_type = ObjectType::tree;
};

/// One thread. Memory: kBytesAnObject for each object, and the cache.
class IndexedWay final : public ObjectSource {
 public:
  static constexpr ByteCount kBytesAnObject = 48;

  IndexedWay(ObjectFormat format, ByteCount cache);
  ~IndexedWay() override;

  /// The next pack. `types` are those of the objects, in the order of its index.
  void push(std::string index, std::vector<ObjectType> types, std::unique_ptr<ByteSource> pack);
  /// Forgets all packs but the first so many.
  void cut(std::size_t packs);
  std::size_t packs() const { return packs_.size(); }
  ByteCount memory() const;

  std::optional<ObjectType> type_of(const Oid& oid) const;
  bool contains(const Oid& oid) const override { return type_of(oid).has_value(); }
  /// A pack finds bases in those before it only.
  std::optional<GitObject> read(const Oid& oid, const std::stop_token& stop) override;

  /// Of what `links` has, what is in any of the packs is found.
  void find_all(LinkSet& links) const;

  /// Who in a pack names what `links` has: at most so many of them, in the order of the pack.
  std::vector<OpenLink> name(std::size_t pack, LinkSet links, std::size_t most, const std::stop_token& stop);

 private:
  struct Pack;
  class Before;

  std::optional<GitObject> read_up_to(std::size_t end, const Oid& oid, const std::stop_token& stop);

  const ObjectFormat format_;
  const ByteCount cache_size_;
  BaseCache cache_;
  std::vector<std::unique_ptr<Pack>> packs_;  // oldest first
};

}  // namespace hubkeep
