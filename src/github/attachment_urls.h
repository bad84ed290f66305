// Addresses of attachments in texts: Markdown, HTML, or bare, as people write them into issues, comments and
// the notes of releases. Only what has the form of one is an address; where the rest of a text leads is
// nobody's business here.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "github/token_scope.h"

namespace hubkeep {

/// Each once, in the order of the text, in the one form that is asked for and remembered: without what may
/// follow it, and with a query only where that opens it. Pure.
std::vector<std::string> find_attachments(std::string_view text, const GitHubPlaces& places);

/// One address, if it is an attachment's; as find_attachments() gives it. Pure.
std::optional<std::string> as_attachment(std::string_view address, const GitHubPlaces& places);

/// What an attachment is remembered by: its address without the signature, which is another each time. Pure.
std::string attachment_identity(std::string_view url);

/// Its file's name as the address has it, decoded; a UUID where that is all there is. Pure.
std::string attachment_name(std::string_view url);

}  // namespace hubkeep
