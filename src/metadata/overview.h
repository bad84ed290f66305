// What a snapshot has of what GitHub knows, in numbers: how much of each kind, what is gone, and what is not
// there and why.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "metadata/saved_documents.h"

namespace hubkeep {

/// Lines of at most `width` columns.
std::string overview_text(const SavedDocuments& documents, std::size_t width);
/// An object: `kinds` (by kind: `kept`, and perhaps `gone`, `github`, `not_permitted`, `absent`, `lacking`),
/// `pending`, and perhaps `releases`.
nlohmann::ordered_json overview_json(const SavedDocuments& documents);

}  // namespace hubkeep
