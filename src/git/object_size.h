// How large an object may be.
#pragma once

#include <cstdint>

namespace hubkeep {

constexpr std::uint64_t kLargestObject = std::uint64_t{1} << 48U;  // no disk holds one: its size is a lie

}  // namespace hubkeep
