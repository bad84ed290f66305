// Which object of a repository a person means.
#pragma once

#include <stop_token>
#include <string>
#include <string_view>

#include "git/ref.h"
#include "pack/pack_chain.h"

namespace hubkeep {

/// As git looks names up: empty or "HEAD"; a full name of a ref; a tag; a branch; what an object is called,
/// or how that begins (four digits at least). Throws Error(invalid) where it means nothing, or several.
Oid find_revision(const RefState& refs, PackChain& objects, std::string_view name,
                  const std::stop_token& stop);

/// So many of its digits that it means no other object, seven at least, and more where there are many
/// objects: as git does.
std::string abbreviation_of(const PackChain& objects, const Oid& oid);

/// The commit that it is, or that the tag means. Throws Error(invalid) where there is none.
Oid commit_of(PackChain& objects, const Oid& revision, const std::stop_token& stop);
/// The tree of that commit, or the tree itself.
Oid tree_of(PackChain& objects, const Oid& revision, const std::stop_token& stop);

}  // namespace hubkeep
