// The entries of a pack in its order, as far as they have come: what its index will say of each, and what
// each is made from.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/byte_count.h"

#include "git/object_links.h"
#include "git/pack_index.h"

namespace hubkeep {

constexpr std::uint32_t kNoEntry = 0xFFFFFFFF;

/// One thread. Entries are numbered from 0 on.
class EntryTable {
 public:
  static constexpr ByteCount kBytesAnEntry = sizeof(PackIndexEntry) + 8;

  EntryTable();

  /// Room for so many: until there are more, none moves. What is not used takes no memory of the machine.
  void reserve(std::size_t entries);
  /// Offsets ascend.
  std::uint32_t add(ByteCount offset, std::uint32_t crc32);
  void set_base(std::uint32_t entry, std::uint32_t base, unsigned depth);
  /// It is made, though its name may not be known yet.
  void set_type(std::uint32_t entry, ObjectType type);
  /// Touches that entry's name alone.
  void set_oid(std::uint32_t entry, const Oid& oid) { entries_[entry].oid = oid; }
  /// From now on named() finds it.
  void add_name(std::uint32_t entry) { put_slot(entry); }

  std::uint32_t size() const { return static_cast<std::uint32_t>(entries_.size()); }
  const PackIndexEntry& operator[](std::uint32_t entry) const { return entries_[entry]; }
  /// Of a delta, where it is known; else kNoEntry.
  std::uint32_t base(std::uint32_t entry) const { return states_[entry].base; }
  unsigned depth(std::uint32_t entry) const { return states_[entry].depth; }
  bool is_made(std::uint32_t entry) const { return states_[entry].type != 0; }
  /// Of one that is made.
  ObjectType type(std::uint32_t entry) const { return static_cast<ObjectType>(states_[entry].type); }

  /// The one that begins there.
  std::optional<std::uint32_t> at(ByteCount offset) const;
  /// One that has this name, among those of add_name().
  std::optional<std::uint32_t> named(const Oid& oid) const;

  ByteCount memory() const;
  struct Sorted {
    std::vector<PackIndexEntry> entries;
    std::vector<ObjectType> types;
  };
  /// As an index has them; the table is empty afterwards. All have names.
  Sorted take_sorted();

 private:
  struct State {
    std::uint32_t base = kNoEntry;
    std::uint16_t depth = 0;
    std::uint8_t type = 0;
  };

  std::size_t slot_of(const Oid& oid) const;
  void put_slot(std::uint32_t entry);
  void grow_slots();

  const std::uint64_t key_;
  std::vector<PackIndexEntry> entries_;
  std::vector<State> states_;
  std::vector<std::uint32_t> slots_;  // open addressing by name, 2^n
  std::size_t used_ = 0;
};

}  // namespace hubkeep
