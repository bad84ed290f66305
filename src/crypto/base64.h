// Base64 with padding (RFC 4648 section 4).
#pragma once

#include <string>
#include <string_view>

namespace hubkeep {

std::string base64(std::string_view bytes);
/// Throws Error(corrupt).
std::string base64_decode(std::string_view text);

}  // namespace hubkeep
