// Addresses of attachments in what people wrote into issues, comments and the like.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "github/token_scope.h"

namespace hubkeep {

/// Whether it is worth looking for them: quick, and never wrong where it says no. Pure.
bool may_have_attachments(std::string_view document);

/// Of a document: those in all of its members `body`, however deep. In no order, and perhaps more than once.
/// `document` is JSON. Pure.
std::vector<std::string> attachments_in(std::string_view document, const GitHubPlaces& places);

}  // namespace hubkeep
