// CRC-32 as zlib, PNG and S3's x-amz-checksum-crc32 have it: that of a whole follows from those of its
// pieces.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/byte_sink.h"

namespace hubkeep {

std::uint32_t crc32_of(std::string_view bytes);

/// The CRC-32 of `first` followed by `second`, of which `second_size` bytes is the size.
std::uint32_t combine_crc32(std::uint32_t first, std::uint32_t second, ByteCount second_size);

}  // namespace hubkeep
