// Entries that passed, with their bytes, as one thread hands them to another.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "git/pack_entry.h"

namespace hubkeep {

struct PassedEntry {
  PackEntryHeader header;
  std::uint32_t crc32 = 0;
  Oid name;                         // of a whole object
  bool has_content = false;         // else it was too large to be kept
  std::size_t content_size = 0;     // inflated
  std::size_t compressed_size = 0;  // 0 where that was too large
};

struct EntryBatch {
  std::vector<PassedEntry> entries;
  std::string bytes;  // of each: its content, then what it is compressed

  std::size_t memory() const { return bytes.capacity() + entries.capacity() * sizeof(PassedEntry); }
};

}  // namespace hubkeep
