// A conversation as a page of Markdown, with what programs want to know of it before the text.
#pragma once

#include <string>
#include <string_view>

#include "metadata/attachment_links.h"
#include "metadata/conversation.h"

namespace hubkeep {

/// One line in which nothing has a meaning in Markdown.
std::string markdown_line(std::string_view text);

std::string markdown_page(const Conversation& conversation, std::string_view repository,
                          const AttachmentLinks& links);

}  // namespace hubkeep
