#include "backup/share.h"

#include <charconv>
#include <cstdint>

namespace hubkeep {

bool Share::has(std::string_view oid) const {
  constexpr int kHex = 16;
  constexpr std::size_t kDigits = 8;
  std::uint32_t first = 0;
  std::from_chars(oid.data(), oid.data() + kDigits, first, kHex);
  return static_cast<int>((std::uint64_t{first} * static_cast<unsigned>(of)) >> 32U) + 1 == number;
}

}  // namespace hubkeep
