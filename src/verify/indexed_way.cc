#include "verify/indexed_way.h"

#include <algorithm>
#include <ranges>
#include <utility>

#include "git/object_links.h"

namespace hubkeep {

struct IndexedWay::Pack {
  Pack(std::string index_bytes, std::vector<ObjectType> object_types, std::unique_ptr<ByteSource> pack,
       ObjectFormat format, BaseCache& cache)
      : bytes(std::move(index_bytes)),
        types(std::move(object_types)),
        source(std::move(pack)),
        reader(PackIndex(bytes, format), *source, cache) {}

  const PackIndex& index() const { return reader.index(); }
  ObjectType type(std::size_t place) const { return types[place]; }
  void find(LinkSet& links) const {
    for (std::size_t place = 0; place < index().size() && links.open() > 0; ++place)
      links.found(index().oid(place), type(place));
  }

  const std::string bytes;
  const std::vector<ObjectType> types;  // by place in the index
  const std::unique_ptr<ByteSource> source;
  PackReader reader;
};

/// The packs before one.
class IndexedWay::Before final : public ObjectSource {
 public:
  Before(IndexedWay& way, std::size_t end) : way_(way), end_(end) {}
  bool contains(const Oid& oid) const override {
    return std::any_of(way_.packs_.begin(), way_.packs_.begin() + static_cast<std::ptrdiff_t>(end_),
                       [&](const auto& pack) { return pack->index().contains(oid); });
  }
  std::optional<GitObject> read(const Oid& oid, const std::stop_token& stop) override {
    return way_.read_up_to(end_, oid, stop);
  }

 private:
  IndexedWay& way_;
  const std::size_t end_;
};

IndexedWay::IndexedWay(ObjectFormat format, ByteCount cache)
    : format_(format), cache_size_(cache), cache_(cache) {}
IndexedWay::~IndexedWay() = default;

void IndexedWay::push(std::string index, std::vector<ObjectType> types, std::unique_ptr<ByteSource> pack) {
  packs_.push_back(
      std::make_unique<Pack>(std::move(index), std::move(types), std::move(pack), format_, cache_));
}

void IndexedWay::cut(std::size_t packs) {
  if (packs >= packs_.size()) return;
  packs_.resize(packs);
  cache_.clear();
}

ByteCount IndexedWay::memory() const {
  ByteCount objects = 0;
  for (const auto& pack : packs_) objects += pack->index().size();
  return objects * kBytesAnObject + cache_size_;
}

std::optional<ObjectType> IndexedWay::type_of(const Oid& oid) const {
  for (const auto& pack : std::ranges::reverse_view(packs_))
    if (const auto place = pack->index().find(oid)) return pack->type(*place);
  return std::nullopt;
}

std::optional<GitObject> IndexedWay::read(const Oid& oid, const std::stop_token& stop) {
  return read_up_to(packs_.size(), oid, stop);
}

std::optional<GitObject> IndexedWay::read_up_to(std::size_t end, const Oid& oid,
                                                const std::stop_token& stop) {
  for (std::size_t i = end; i-- > 0;) {
    Before before(*this, i);
    if (auto object = packs_[i]->reader.read(oid, before, stop)) return object;
  }
  return std::nullopt;
}

// What is new mostly names what is nearly as new.
void IndexedWay::find_all(LinkSet& links) const {
  for (auto pack = packs_.rbegin(); pack != packs_.rend() && links.open() > 0; ++pack) (*pack)->find(links);
}

// Fingerprints cannot be turned back into names: the objects that name something are read once more.
std::vector<OpenLink> IndexedWay::name(std::size_t pack, LinkSet links, std::size_t most,
                                       const std::stop_token& stop) {
  Pack& named = *packs_[pack];
  std::vector<std::uint32_t> places;
  for (std::uint32_t place = 0; place < named.index().size(); ++place)
    if (named.type(place) != ObjectType::blob) places.push_back(place);
  std::sort(places.begin(), places.end(), [&](std::uint32_t a, std::uint32_t b) {
    return named.index().offset(a) < named.index().offset(b);
  });
  std::vector<OpenLink> open;
  Before before(*this, pack);
  for (const std::uint32_t place : places) {
    if (links.open() == 0 || open.size() >= most) break;
    const Oid oid = named.index().oid(place);
    const auto object = named.reader.read(oid, before, stop);
    if (!object) continue;
    const auto note = [&](const ObjectLink& link) {
      if (open.size() >= most || !links.contains(link)) return;
      links.found(link.oid, link.type);
      open.push_back(
          {.link = link, .type = type_of(link.oid), .named_by = oid, .named_by_type = object->type});
    };
    for_each_link(object->type, object->content, format_, note);
  }
  return open;
}

}  // namespace hubkeep
