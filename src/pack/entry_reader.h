// Reads entries of a pack again, by the offsets that were seen when it streamed by.
#pragma once

#include <cstdint>
#include <functional>
#include <stop_token>
#include <string>

#include "git/entry_inflater.h"
#include "git/pack_entry.h"
#include "pack/byte_source.h"
#include "pack/entry_table.h"

namespace hubkeep {

class EntryReader {
 public:
  /// Keeps references. `end`: of the last entry.
  EntryReader(const EntryTable& table, ByteSource& pack, ByteCount end, ObjectFormat format);

  struct Entry {
    PackEntryHeader header;
    std::string content;  // an object, or a delta
  };
  /// Calls `room` with the sizes of what it will hold in memory before it does. Throws Error(corrupt) where
  /// the pack is not what streamed by (its CRC-32 tells), what `room` throws and what reading throws.
  Entry read(std::uint32_t entry, const std::function<void(ByteCount)>& room, const std::stop_token& stop);

  /// Bytes of the pack that were read again.
  ByteCount bytes() const { return bytes_; }

 private:
  const EntryTable& table_;
  ByteSource& pack_;
  const ByteCount end_;
  const ObjectFormat format_;
  EntryInflater inflater_;
  ByteCount bytes_ = 0;
};

}  // namespace hubkeep
