// The part of a repository's wiki: a git part like the first. docs/storage-format.md, "parts.wiki".
#pragma once

#include <string_view>

namespace hubkeep {

constexpr std::string_view kWikiPart = "wiki";

/// What its name has behind the repository's, on GitHub and here: "acme/site.wiki".
constexpr std::string_view kWikiSuffix = ".wiki";

}  // namespace hubkeep
