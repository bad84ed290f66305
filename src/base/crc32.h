// CRC-32 as zlib, PNG and S3's x-amz-checksum-crc32 have it: that of a whole follows from those of its
// pieces.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/byte_sink.h"

namespace hubkeep {

/// Of `bytes`, or of them behind what `before` is the CRC-32 of.
std::uint32_t crc32_of(std::string_view bytes, std::uint32_t before = 0);

/// The CRC-32 of `first` followed by `second`, of which `second_size` bytes is the size.
std::uint32_t combine_crc32(std::uint32_t first, std::uint32_t second, ByteCount second_size);

}  // namespace hubkeep
