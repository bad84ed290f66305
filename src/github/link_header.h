// The Link header that pages of a list carry (RFC 8288).
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace hubkeep {

/// The target of rel="next", exactly as sent; nothing when there is no further page or the text is no Link
/// header.
///     link-value = "<" URI-Reference ">" *( OWS ";" OWS link-param )
std::optional<std::string> next_link(std::string_view header);

}  // namespace hubkeep
