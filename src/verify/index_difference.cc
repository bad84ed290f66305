#include "verify/index_difference.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/error.h"
#include "git/pack_index.h"

namespace hubkeep {
namespace {

std::string lacks(const PackIndex& made, std::size_t place) {
  return fmt::format("it lacks {}", made.oid(place).hex());
}

std::string names(const PackIndex& stored, std::size_t place) {
  return fmt::format("it names {}, which the pack does not have", stored.oid(place).hex());
}

std::string difference_at(const PackIndex& made, const PackIndex& stored, std::size_t place) {
  const PackIndexEntry is = made.entry(place);
  const PackIndexEntry said = stored.entry(place);
  if (is.oid != said.oid) return is.oid < said.oid ? lacks(made, place) : names(stored, place);
  if (is.offset != said.offset)
    return fmt::format("it says that {} begins at {}, which begins at {}", is.oid.hex(), said.offset,
                       is.offset);
  if (is.crc32 != said.crc32)
    return fmt::format("it says that {} has the CRC-32 {:08x}, which has {:08x}", is.oid.hex(), said.crc32,
                       is.crc32);
  return {};
}

}  // namespace

std::string index_difference(std::string_view made_bytes, std::string_view stored_bytes,
                             ObjectFormat format) {
  if (made_bytes == stored_bytes) return {};
  const PackIndex made(made_bytes, format);
  PackIndex stored;
  try {
    stored = PackIndex(stored_bytes, format);
  } catch (const Error& error) {
    return error.message();
  }
  const std::size_t both = std::min(made.size(), stored.size());
  for (std::size_t place = 0; place < both; ++place)
    if (auto difference = difference_at(made, stored, place); !difference.empty()) return difference;
  if (made.size() > both) return lacks(made, both);
  if (stored.size() > both) return names(stored, both);
  if (made.checksum() != stored.checksum())
    return fmt::format("it is that of the pack {}", stored.checksum().hex());
  return "it is not written as git writes it";
}

}  // namespace hubkeep
