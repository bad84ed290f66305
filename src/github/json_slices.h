// Parts of a JSON text as they were sent: what is kept of GitHub's answers is verbatim, down to the order of
// its members and the digits of its numbers. Nothing is copied or looked into; strings are skipped, brackets
// counted. For texts of which is_json() in base/json.h holds. Of others the results mean nothing, but come.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

namespace hubkeep {

/// The items of an array, each without the space around it; nothing where `json` is no array.
std::optional<std::vector<std::string_view>> array_items(std::string_view json);

/// The value of that member, the last one of that name, as the parser takes it; nothing where `json` is no
/// object or has none.
std::optional<std::string_view> object_member(std::string_view json, std::string_view name);

/// "an object", "a string", "null", …: for messages.
std::string_view kind_of_json(std::string_view json);

}  // namespace hubkeep
