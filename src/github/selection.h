// Which of the repositories that GitHub lists the user meant: pure decisions.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "github/github.h"

namespace hubkeep {

/// Include and exclude globs, forks, archived ones; and with `selection.only_owner` the owner, who is `user`.
bool is_selected(const Repository& repository, const RepositorySelection& selection,
                 const std::optional<User>& user);

/// "owner/name" as a path for a URL, each side percent-encoded. Throws Error(not_found) for any other form:
/// nothing can have that name.
std::string encode_full_name(std::string_view full_name);

/// A user's or an organisation's name, percent-encoded. Throws Error(not_found) where it cannot be one.
std::string encode_login(std::string_view login);

}  // namespace hubkeep
