// The two files that hold all refs of a repository (gitrepository-layout): packed-refs and HEAD.
#pragma once

#include <filesystem>
#include <iosfwd>
#include <optional>
#include <string>

#include "git/ref.h"

namespace hubkeep {

/// Throws Error(corrupt) for a name that git would not take: it could break a line.
void write_packed_refs(const RefState& state, std::ostream& to);

/// What stands in HEAD: its branch, or an object, or refs/heads/main where nothing is known.
std::string format_head(const Head& head);

/// The object that HEAD leads to; nothing when it is unborn.
std::optional<Oid> born_head(const RefState& state);

/// Writes both into the git folder `git_folder`. Throws Error(internal).
void write_ref_files(const std::filesystem::path& git_folder, const RefState& state);

}  // namespace hubkeep
