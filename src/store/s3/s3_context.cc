#include "store/s3/s3_context.h"

#include "crypto/base64.h"

namespace hubkeep {

std::string checksum_value(std::uint32_t crc32) {
  std::string bytes;
  for (int shift = 24; shift >= 0; shift -= 8) bytes += static_cast<char>((crc32 >> shift) & 0xFFU);
  return base64(bytes);
}

}  // namespace hubkeep
