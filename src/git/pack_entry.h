// What stands before the zlib stream of an object in a pack (gitformat-pack, "Pack file entries"):
//   type and size: 3 bits of type and 4 of size, then 7 bits of size a byte, lowest first, while the high bit
//   is set OFS_DELTA: how far before this entry its base begins, as in base_distance below; REF_DELTA: the
//   base's oid
// Whoever walks a pack, as it streams by or in a file, reads it here.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/byte_count.h"
#include "git/oid.h"

namespace hubkeep {

constexpr std::size_t kPackHeaderSize = 12;  // "PACK", version, number of objects

enum PackEntryType {
  kUnknown = 0,
  kCommit = 1,
  kTree = 2,
  kBlob = 3,
  kTag = 4,
  kOfsDelta = 6,
  kRefDelta = 7
};

constexpr bool is_delta(PackEntryType type) {
  return type == kOfsDelta || type == kRefDelta;
}

struct PackEntryHeader {
  ByteCount offset = 0;             // in the pack
  std::size_t length = 0;           // of the header itself, base included: the zlib stream begins there
  PackEntryType type = kUnknown;    // never kUnknown where it was parsed
  std::uint64_t size = 0;           // of what is inflated: an object or a delta
  std::uint64_t base_distance = 0;  // of an OFS_DELTA: its base begins at offset - base_distance
  Oid base;                         // of a REF_DELTA
};

/// The header that `bytes` begin with, of the entry at `offset` in its pack. Nothing where `bytes` end within
/// it. Throws Error(corrupt) for what no entry begins with; the message says what is wrong, not where.
std::optional<PackEntryHeader> parse_entry_header(std::string_view bytes, ByteCount offset,
                                                  ObjectFormat format);

}  // namespace hubkeep
