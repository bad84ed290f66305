#include "pack/entry_table.h"

#include <algorithm>
#include <cstring>
#include <random>
#include <tuple>

namespace hubkeep {
namespace {

constexpr std::size_t kFirstSlots = 1024;

std::uint64_t random_odd() {
  std::random_device device;
  return (std::uint64_t{device()} << 32U | device()) | 1U;
}

}  // namespace

EntryTable::EntryTable() : key_(random_odd()) {
  static_assert(sizeof(State) == 8);
}

void EntryTable::reserve(std::size_t entries) {
  entries_.reserve(entries);
  states_.reserve(entries);
}

std::uint32_t EntryTable::add(ByteCount offset, std::uint32_t crc32) {
  entries_.push_back({.oid = {}, .crc32 = crc32, .offset = offset});
  states_.emplace_back();
  return size() - 1;
}

void EntryTable::set_base(std::uint32_t entry, std::uint32_t base, unsigned depth) {
  states_[entry].base = base;
  states_[entry].depth = static_cast<std::uint16_t>(depth);
}

void EntryTable::set_type(std::uint32_t entry, ObjectType type) {
  states_[entry].type = static_cast<std::uint8_t>(type);
}

// Bases mostly lie near: looks at the newest first, ever further back.
std::optional<std::uint32_t> EntryTable::at(ByteCount offset) const {
  std::size_t step = 1;
  while (step < entries_.size() && entries_[entries_.size() - step].offset > offset) step *= 2;
  const auto begin = entries_.end() - static_cast<std::ptrdiff_t>(std::min(step, entries_.size()));
  const auto found =
      std::lower_bound(begin, entries_.end(), offset,
                       [](const PackIndexEntry& entry, ByteCount wanted) { return entry.offset < wanted; });
  if (found == entries_.end() || found->offset != offset) return std::nullopt;
  return static_cast<std::uint32_t>(found - entries_.begin());
}

std::optional<std::uint32_t> EntryTable::named(const Oid& oid) const {
  if (slots_.empty()) return std::nullopt;
  const std::uint32_t entry = slots_[slot_of(oid)];
  if (entry == kNoEntry) return std::nullopt;
  return entry;
}

// Keyed: names with equal beginnings are easily made.
std::size_t EntryTable::slot_of(const Oid& oid) const {
  std::uint64_t word = 0;
  std::memcpy(&word, oid.raw().data(), sizeof word);
  const std::size_t mask = slots_.size() - 1;
  std::size_t slot = (word * key_ >> 32U) & mask;
  while (slots_[slot] != kNoEntry && entries_[slots_[slot]].oid != oid) slot = (slot + 1) & mask;
  return slot;
}

void EntryTable::put_slot(std::uint32_t entry) {
  if (slots_.empty()) slots_.assign(kFirstSlots, kNoEntry);
  const std::size_t slot = slot_of(entries_[entry].oid);
  if (slots_[slot] != kNoEntry) return;
  slots_[slot] = entry;
  if (++used_ * 4 > slots_.size() * 3) grow_slots();
}

void EntryTable::grow_slots() {
  const std::vector<std::uint32_t> before = std::move(slots_);
  slots_.assign(before.size() * 2, kNoEntry);
  for (const std::uint32_t entry : before)
    if (entry != kNoEntry) slots_[slot_of(entries_[entry].oid)] = entry;
}

ByteCount EntryTable::memory() const {
  return entries_.size() * kBytesAnEntry + slots_.size() * sizeof(std::uint32_t);
}

// Types are carried along where no offset reaches. Objects of one name have one type.
EntryTable::Sorted EntryTable::take_sorted() {
  constexpr unsigned kTypeShift = 56;
  for (std::uint32_t entry = 0; entry < size(); ++entry)
    entries_[entry].offset |= ByteCount{states_[entry].type} << kTypeShift;
  states_ = {};
  slots_ = {};
  std::sort(entries_.begin(), entries_.end(), [](const PackIndexEntry& a, const PackIndexEntry& b) {
    return std::tie(a.oid, a.offset) < std::tie(b.oid, b.offset);
  });
  Sorted sorted;
  sorted.types.reserve(entries_.size());
  for (PackIndexEntry& entry : entries_) {
    sorted.types.push_back(static_cast<ObjectType>(entry.offset >> kTypeShift));
    entry.offset &= (ByteCount{1} << kTypeShift) - 1;
  }
  sorted.entries = std::move(entries_);
  return sorted;
}

}  // namespace hubkeep
