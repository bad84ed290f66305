// The zlib stream of something that is in memory (RFC 1950).
#pragma once

#include <string>
#include <string_view>

namespace hubkeep {

/// As zlib makes it at its fastest level: byte for byte what git writes.
std::string deflate_fast(std::string_view bytes);

}  // namespace hubkeep
