// gzip in one piece, for request bodies (RFC 1952).
#pragma once

#include <string>
#include <string_view>

namespace hubkeep {

std::string gzip_compress(std::string_view bytes);

}  // namespace hubkeep
