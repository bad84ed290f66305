// Where the files lie that somebody has put into a text: an issue, the notes of a release. Texts are written
// by anybody, so an address in one is asked for only where it is GitHub's own, by the table here.
#pragma once

#include <optional>

#include "github/api.h"
#include "github/token_scope.h"

namespace hubkeep {

/// From which of its hosts an attachment comes; nothing where the host is none of this GitHub's, the way
/// there is not encrypted (as that to the API is), or the port is not its own. Says nothing of the path.
/// Pure.
std::optional<DownloadFrom> attachment_host(const Url& url, const GitHubPlaces& places);

/// Whether GitHub may send us on to `target` for an attachment: its storage. Pure.
bool may_hold_attachments(const Url& target, const GitHubPlaces& places);

}  // namespace hubkeep
