#include "pack/link_set.h"

#include <algorithm>
#include <cstring>
#include <random>
#include <string_view>

namespace hubkeep {
namespace {

constexpr std::uint64_t kEmpty = 0;
constexpr std::uint64_t kForgotten = 1;
constexpr unsigned kAnyType = 0;
constexpr unsigned kLastType = static_cast<unsigned>(ObjectType::tag);
constexpr std::size_t kFirstSlots = 1024;

__extension__ using Wide = unsigned __int128;

std::uint64_t random_key() {
  std::random_device device;
  return (std::uint64_t{device()} << 32U | device()) | 1U;
}

std::uint64_t multiply(std::uint64_t a, std::uint64_t b) {
  const Wide product = Wide{a} * b;
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64U);
}

}  // namespace

LinkSet::LinkSet() : key_{random_key(), random_key()}, slots_(kFirstSlots, kEmpty) {}

std::uint64_t LinkSet::fingerprint(const Oid& oid, unsigned type) const {
  const std::string_view raw = oid.raw();
  std::uint64_t hash = key_[0];
  for (std::size_t i = 0; i < raw.size(); i += sizeof hash) {
    std::uint64_t word = 0;
    std::memcpy(&word, raw.data() + i, std::min(sizeof word, raw.size() - i));
    hash = multiply(hash ^ word, key_[1]) + key_[0];
  }
  hash = multiply(hash, key_[1] + 2 * type);
  return hash <= kForgotten ? hash + 2 : hash;
}

void LinkSet::add(const ObjectLink& link) {
  insert(fingerprint(link.oid, static_cast<unsigned>(link.type)));
}

void LinkSet::add(const Oid& oid) {
  insert(fingerprint(oid, kAnyType));
}

bool LinkSet::contains(const ObjectLink& link) const {
  const auto has = [&](unsigned type) { return slots_[slot_of(fingerprint(link.oid, type))] != kEmpty; };
  return has(static_cast<unsigned>(link.type)) || has(kAnyType);
}

void LinkSet::found(const Oid& oid, std::optional<ObjectType> type) {
  if (open_ == 0) return;
  remove(fingerprint(oid, kAnyType));
  if (type) return remove(fingerprint(oid, static_cast<unsigned>(*type)));
  for (unsigned any = 1; any <= kLastType; ++any) remove(fingerprint(oid, any));
}

// Where the fingerprint stands, or the empty slot that ends the search for it.
std::size_t LinkSet::slot_of(std::uint64_t fingerprint) const {
  const std::size_t mask = slots_.size() - 1;
  std::size_t slot = fingerprint & mask;
  while (slots_[slot] != kEmpty && slots_[slot] != fingerprint) slot = (slot + 1) & mask;
  return slot;
}

void LinkSet::insert(std::uint64_t fingerprint) {
  const std::size_t slot = slot_of(fingerprint);
  if (slots_[slot] == fingerprint) return;
  slots_[slot] = fingerprint;
  ++open_;
  if (++used_ * 4 > slots_.size() * 3) grow();
}

void LinkSet::remove(std::uint64_t fingerprint) {
  const std::size_t slot = slot_of(fingerprint);
  if (slots_[slot] != fingerprint) return;
  slots_[slot] = kForgotten;
  --open_;
}

void LinkSet::grow() {
  const std::vector<std::uint64_t> before = std::move(slots_);
  slots_.assign(open_ * 2 > before.size() / 2 ? before.size() * 2 : before.size(), kEmpty);
  used_ = open_;
  for (const std::uint64_t fingerprint : before)
    if (fingerprint > kForgotten) slots_[slot_of(fingerprint)] = fingerprint;
}

}  // namespace hubkeep
