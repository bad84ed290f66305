// The Link header that pages of a list carry (RFC 8288).
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace hubkeep {

/// The target of the link with that relation ("next", "last"), exactly as sent; nothing where there is none
/// or the text is no Link header.
///     link-value = "<" URI-Reference ">" *( OWS ";" OWS link-param )
std::optional<std::string> find_link(std::string_view header, std::string_view relation);

}  // namespace hubkeep
