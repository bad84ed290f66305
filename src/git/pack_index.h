// The index of a pack (gitformat-pack, "pack-*.idx files", version 2):
//   "\377tOc" version(4) fan-out(256 * 4), then columns of all objects, sorted by name:
//   names(20 or 32), CRC-32 of the entries as they stand in the pack(4), offsets(4),
//   the offsets of 2 GiB and more(8), the pack's checksum, the index's checksum
// What is written is byte for byte what `git index-pack` writes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/byte_sink.h"
#include "git/oid.h"

namespace hubkeep {

struct PackIndexEntry {
  Oid oid;
  std::uint32_t crc32 = 0;  // of the entry: its header and its zlib stream
  ByteCount offset = 0;     // in the pack
};

/// `entries` are sorted by name, and those of one name by offset: a pack may have an object twice. `checksum`
/// is the pack's trailer.
void write_pack_index(const std::vector<PackIndexEntry>& entries, const Oid& checksum, ByteSink& to);

/// Reads an index that lies in memory, which it does not own. A value; thread-safe.
class PackIndex {
 public:
  PackIndex() = default;
  /// Throws Error(corrupt) for what is no index: its form, the order of its names, its own checksum.
  PackIndex(std::string_view bytes, ObjectFormat format);

  std::size_t size() const { return size_; }
  ObjectFormat format() const { return format_; }
  Oid oid(std::size_t place) const;
  std::uint32_t crc32(std::size_t place) const;
  ByteCount offset(std::size_t place) const;
  PackIndexEntry entry(std::size_t place) const { return {oid(place), crc32(place), offset(place)}; }
  /// The place of the first object of that name.
  std::optional<std::size_t> find(const Oid& oid) const;
  bool contains(const Oid& oid) const { return find(oid).has_value(); }
  /// The trailer of the pack that this is the index of.
  Oid checksum() const;

 private:
  std::string_view raw_name(std::size_t place) const;
  std::uint32_t fan_out(unsigned first_byte) const;

  ObjectFormat format_ = ObjectFormat::sha1;
  std::size_t size_ = 0;
  std::size_t large_ = 0;  // offsets of 2 GiB and more
  std::string_view bytes_;
};

}  // namespace hubkeep
