// Conversations as text for people, safe for a terminal whatever somebody wrote.
#pragma once

#include <string>
#include <string_view>

#include "metadata/conversation.h"

namespace hubkeep {

/// "2026-11-29 10:00 UTC" of GitHub's "2026-11-29T10:00:00Z".
std::string readable_time(std::string_view time);

/// `text` in lines of at most `width` columns where words allow it, each after `indent`. What stands in a
/// fence or a table keeps its lines.
std::string wrapped(std::string_view text, std::size_t width, std::string_view indent);

/// Lines of at most `width` columns. `repository`: "acme/site".
std::string conversation_text(const Conversation& conversation, std::string_view repository,
                              std::size_t width);

}  // namespace hubkeep
