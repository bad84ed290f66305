// What snapshots before have named as missing, and whether it came since.
#pragma once

#include <cstddef>
#include <stop_token>
#include <vector>

#include "git/pack_index.h"
#include "git/ref.h"
#include "pack/pack_chain.h"
#include "vault/git_part.h"

namespace hubkeep {

/// As many objects are asked for again.
constexpr std::size_t kMaxAskedAgain = 10'000;

/// As long as there are not kMaxAskedAgain.
void add_once(std::vector<MissingObject>& all, const MissingObject& more);

/// Adds the refs that lead nowhere, as they are now: whatever stands in the snapshot before.
void add_tips(std::vector<MissingObject>& missing, const RefState& state, const ObjectSource& there);

/// Whether it is in a pack, whose objects have these types in the order of the index.
bool is_in(const MissingObject& missing, const PackIndex& index, const std::vector<ObjectType>& types);

/// The same of a chain. Throws what reading throws, but for what is damaged there.
bool is_there(const MissingObject& missing, PackChain& chain, const std::stop_token& stop);

/// A manifest names only some of what is missing: all that the last proof has `named`, where it was of `git`.
void restore_names(GitPart& git, const std::vector<MissingObject>& named);

}  // namespace hubkeep
