// What a server has left out is asked for once more, without haves: then it cannot believe that we have it.
#pragma once

#include <optional>

#include "backup/git_work.h"
#include "git/ref.h"
#include "vault/git_part.h"

namespace hubkeep {

/// Fetches what `proof` has found missing in `git`, whose refs are `refs`, into a bundle of the snapshot that
/// is being made, and proves what the chain is then. Nothing where the server does not hand it out: many
/// hand out nothing but what refs lead to. Throws Error(cancelled), and what the store throws.
std::optional<GitPart> fetch_missing(const GitWork& work, const GitPart& git, const RefState& refs);

}  // namespace hubkeep
