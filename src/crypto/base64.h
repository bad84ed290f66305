// Base64 as HTTP's Basic authentication uses it (RFC 4648 section 4).
#pragma once

#include <string>
#include <string_view>

namespace hubkeep {

std::string base64(std::string_view bytes);

}  // namespace hubkeep
