// Reads entries of a pack again, by the offsets that were seen when it streamed by.
#pragma once

#include <cstdint>
#include <functional>
#include <stop_token>
#include <string>

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
    std::string bytes;

    std::string_view compressed() const { return std::string_view(bytes).substr(header.length); }
  };
  /// Calls `room` with the size of what is read before it is. Throws Error(corrupt) where the pack is not
  /// what streamed by (its CRC-32 tells), what `room` throws and what reading throws.
  Entry read(std::uint32_t entry, const std::function<void(ByteCount)>& room, const std::stop_token& stop);

  /// Bytes of the pack that were read again.
  ByteCount bytes() const { return bytes_; }

 private:
  const EntryTable& table_;
  ByteSource& pack_;
  const ByteCount end_;
  const ObjectFormat format_;
  ByteCount bytes_ = 0;
};

}  // namespace hubkeep
