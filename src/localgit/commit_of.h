// The commit that an object leads to.
#pragma once

#include <filesystem>
#include <optional>
#include <stop_token>

#include "git/oid.h"

namespace hubkeep {

/// `oid` or, if it is a tag, what that leads to; nothing where it is no commit. Throws Error: corrupt,
/// cancelled, internal (SHA-256 needs git).
std::optional<Oid> commit_of(const std::filesystem::path& git_folder, const Oid& oid,
                             const std::stop_token& stop);

}  // namespace hubkeep
