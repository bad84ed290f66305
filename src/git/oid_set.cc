// Open addressing: `slots_` holds places in a list of names that lies in chunks of 2,048, each name in its
// raw bytes. Growing copies no names, only slots. The hash is multiplication by random odd numbers: a server
// chooses the names, and with a fixed hash it could choose them so that all fall into one slot.
#include "git/oid_set.h"

#include <array>
#include <bit>
#include <cstring>
#include <random>

#include "base/error.h"

namespace hubkeep {
namespace {

constexpr std::size_t kNamesInChunk = 2048;
constexpr std::size_t kFirstSlots = 16;

// Whoever names the objects does not choose where they come to stand.
const std::array<std::uint64_t, 4>& secret_factors() {
  static const std::array<std::uint64_t, 4> factors = [] {
    std::random_device device;
    std::array<std::uint64_t, 4> made{};
    for (auto& factor : made)
      factor = (static_cast<std::uint64_t>(device()) << 32U | static_cast<std::uint64_t>(device())) | 1U;
    return made;
  }();
  return factors;
}

// The upper bits are the good ones.
std::uint64_t spread(std::string_view raw) {
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i * sizeof sum < raw.size(); ++i) {
    const auto piece = raw.substr(i * sizeof sum, sizeof sum);
    std::uint64_t word = 0;
    if (piece.size() == sizeof word)
      std::memcpy(&word, piece.data(), sizeof word);  // of a size that is known: no call
    else
      std::memcpy(&word, piece.data(), piece.size());
    sum += word * secret_factors()[i];
  }
  return sum;
}

// Where to begin to look for a name, of so many slots.
std::size_t first_slot(std::string_view raw, std::size_t slots) {
  return spread(raw) >> (64U - static_cast<unsigned>(std::countr_zero(slots)));
}

}  // namespace

OidSet::OidSet(std::initializer_list<Oid> oids) {
  for (const Oid& oid : oids) insert(oid);
}

OidSet::OidSet(const std::vector<Oid>& oids) {
  for (const Oid& oid : oids) insert(oid);
}

std::string_view OidSet::raw_at(std::size_t index) const {
  const std::size_t size = raw_size(format_);
  return std::string_view(chunks_[index / kNamesInChunk]).substr(index % kNamesInChunk * size, size);
}

Oid OidSet::at(std::size_t index) const {
  return Oid::from_raw(raw_at(index), format_);
}

std::size_t OidSet::slot_of(const Oid& oid) const {
  std::size_t slot = first_slot(oid.raw(), slots_.size());
  while (slots_[slot] != kNone && raw_at(slots_[slot]) != oid.raw()) slot = (slot + 1) & (slots_.size() - 1);
  return slot;
}

std::uint32_t OidSet::find(const Oid& oid) const {
  if (size_ == 0 || oid.format() != format_) return kNone;
  return slots_[slot_of(oid)];
}

std::optional<std::size_t> OidSet::index_of(const Oid& oid) const {
  const std::uint32_t found = find(oid);
  return found == kNone ? std::nullopt : std::optional<std::size_t>(found);
}

bool OidSet::insert(const Oid& oid) {
  if (size_ == 0) format_ = oid.format();
  if (oid.format() != format_)
    throw Error(ErrorKind::corrupt, "SHA-1 and SHA-256 object names stand in one list");
  // At three quarters full: probing gets slow beyond that.
  if ((size_ + 1) * 4 > slots_.size() * 3) grow();
  const std::size_t slot = slot_of(oid);
  if (slots_[slot] != kNone) return false;
  slots_[slot] = static_cast<std::uint32_t>(size_);
  if (size_ % kNamesInChunk == 0) {
    chunks_.emplace_back();
    if (size_ > 0) chunks_.back().reserve(kNamesInChunk * oid.raw().size());  // a short list stays small
  }
  chunks_.back() += oid.raw();
  ++size_;
  return true;
}

void OidSet::grow() {
  slots_.assign(slots_.empty() ? kFirstSlots : slots_.size() * 2, kNone);
  // They are different: none need be compared.
  for (std::size_t i = 0; i < size_; ++i) {
    std::size_t slot = first_slot(raw_at(i), slots_.size());
    while (slots_[slot] != kNone) slot = (slot + 1) & (slots_.size() - 1);
    slots_[slot] = static_cast<std::uint32_t>(i);
  }
}

}  // namespace hubkeep
