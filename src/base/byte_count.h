// A count of bytes.
#pragma once

#include <cstdint>

namespace hubkeep {

/// A count of bytes; sizes of files and objects.
using ByteCount = std::uint64_t;

}  // namespace hubkeep
