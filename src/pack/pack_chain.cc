#include "pack/pack_chain.h"

#include <algorithm>
#include <set>

namespace hubkeep {
namespace {

// Pieces that lie so close are read in one, with what is between.
constexpr ByteCount kGap = ByteCount{256} << 10;
// Of an entry, to see its size.
constexpr ByteCount kBeginning = 64;

// Places of the index whose names are not less than `hex`.
std::size_t lower_bound(const PackIndex& index, std::string_view hex) {
  std::size_t begin = 0;
  std::size_t end = index.size();
  while (begin < end) {
    const std::size_t middle = begin + (end - begin) / 2;
    if (index.oid(middle).hex() < hex)
      begin = middle + 1;
    else
      end = middle;
  }
  return begin;
}

}  // namespace

/// The packs behind one.
class PackChain::Older final : public ObjectSource {
 public:
  Older(PackChain& chain, std::size_t first) : chain_(chain), first_(first) {}
  bool contains(const Oid& oid) const override {
    return std::any_of(chain_.packs_.begin() + static_cast<std::ptrdiff_t>(first_), chain_.packs_.end(),
                       [&](const auto& pack) { return pack->reader.index().contains(oid); });
  }
  std::optional<GitObject> read(const Oid& oid, const std::stop_token& stop) override {
    return chain_.read_from(first_, oid, stop);
  }

 private:
  PackChain& chain_;
  const std::size_t first_;
};

void PackChain::add(std::string index, std::unique_ptr<ByteSource> pack) {
  packs_.push_back(std::make_unique<Pack>(std::move(index), std::move(pack), *this));
}

void PackChain::add_newer(std::string index, std::unique_ptr<ByteSource> pack) {
  packs_.insert(packs_.begin(), std::make_unique<Pack>(std::move(index), std::move(pack), *this));
}

std::size_t PackChain::size() const {
  std::size_t objects = 0;
  for (const auto& pack : packs_) objects += pack->reader.index().size();
  return objects;
}

bool PackChain::contains(const Oid& oid) const {
  return std::any_of(packs_.begin(), packs_.end(),
                     [&](const auto& pack) { return pack->reader.index().contains(oid); });
}

std::optional<GitObject> PackChain::read(const Oid& oid, const std::stop_token& stop) {
  const std::lock_guard lock(mutex_);
  return read_from(0, oid, stop);
}

std::optional<GitObject> PackChain::read_from(std::size_t first, const Oid& oid,
                                              const std::stop_token& stop) {
  for (std::size_t i = first; i < packs_.size(); ++i) {
    Older older(*this, i + 1);
    if (auto object = packs_[i]->reader.read(oid, older, stop)) return object;
  }
  return std::nullopt;
}

std::optional<ByteCount> PackChain::size_of(const Oid& oid, const std::stop_token& stop) {
  const std::lock_guard lock(mutex_);
  for (const auto& pack : packs_)
    if (const auto size = pack->reader.size_of(oid, stop)) return size;
  return std::nullopt;
}

void PackChain::for_each_name(const std::function<void(const Oid&)>& found) const {
  for (const auto& pack : packs_)
    for (std::size_t place = 0; place < pack->reader.index().size(); ++place)
      found(pack->reader.index().oid(place));
}

std::vector<Oid> PackChain::find_abbreviated(std::string_view hex, std::size_t most) const {
  std::set<Oid> found;
  for (const auto& pack : packs_) {
    const PackIndex& index = pack->reader.index();
    for (std::size_t place = lower_bound(index, hex); place < index.size() && found.size() < most; ++place) {
      const Oid oid = index.oid(place);
      if (!oid.hex().starts_with(hex)) break;
      found.insert(oid);
    }
  }
  return {found.begin(), found.end()};
}

void PackChain::read_ahead(const std::vector<Oid>& oids, const std::stop_token& stop) {
  const std::lock_guard lock(mutex_);
  std::map<Pack*, std::vector<PackExtent>> wanted;
  for (const Oid& oid : oids) {
    for (const auto& pack : packs_) {
      const auto extent = pack->reader.extent_of(oid);
      if (!extent) continue;
      wanted[pack.get()].push_back({extent->offset, std::min(extent->length, kBeginning)});
      break;
    }
  }
  for (auto& [pack, extents] : wanted) {
    std::sort(extents.begin(), extents.end(),
              [](const auto& a, const auto& b) { return a.offset < b.offset; });
    for (std::size_t i = 0; i < extents.size();) {
      const ByteCount begin = extents[i].offset;
      ByteCount end = begin;
      for (; i < extents.size() && extents[i].offset <= end + kGap; ++i)
        end = extents[i].offset + extents[i].length;
      pack->source->read(begin, end - begin, stop);
    }
  }
}

}  // namespace hubkeep
