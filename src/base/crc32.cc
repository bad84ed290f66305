#include "base/crc32.h"

#include <libdeflate.h>
#include <zlib.h>

namespace hubkeep {

std::uint32_t crc32_of(std::string_view bytes, std::uint32_t before) {
  return libdeflate_crc32(before, bytes.data(), bytes.size());
}

std::uint32_t combine_crc32(std::uint32_t first, std::uint32_t second, ByteCount second_size) {
  return static_cast<std::uint32_t>(::crc32_combine(first, second, static_cast<z_off_t>(second_size)));
}

}  // namespace hubkeep
