// Takes along what the states of a vault's hosts remember: what failed, was lost, and what of that was
// accepted. docs/storage-format.md, "State".
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "copy/copy_repository.h"

namespace hubkeep {

/// Which repositories a copy is about, and what it told the other vault's catalog of them.
struct CopiedRepositories {
  const Catalog& to;
  std::optional<std::set<SubjectKey>> wanted;  // nothing: all
  const std::vector<CatalogUpdate>& updates;
};

/// Called before the first manifest, so that a copy that is broken off is known to be one, and once more at
/// the end. What both vaults remember is merged; what is lost in one and there in the other is not lost in
/// it. Returns what could not be taken along. Throws Error for what says nothing of a state.
std::vector<std::string> copy_states(const CopyContext& context, const CopiedRepositories& copied,
                                     const std::stop_token& stop);

/// What `to` remembers of a repository after it was told what another vault does, whose folder was `folder`
/// there. Pure.
void merge_state(RepositoryState& to, const RepositoryState& from, const std::string& folder);

}  // namespace hubkeep
