// Base64 (RFC 4648).
#pragma once

#include <string>
#include <string_view>

namespace hubkeep {

/// With padding (section 4).
std::string base64(std::string_view bytes);
/// For URLs and file names, without padding (section 5).
std::string base64url(std::string_view bytes);
/// Reads what base64() writes. Throws Error(corrupt).
std::string base64_decode(std::string_view text);

}  // namespace hubkeep
