// What to ask a git server for, and what the bundle's header says of the answer. Pure.
#pragma once

#include <optional>

#include "git/bundle.h"
#include "git/fetch.h"
#include "git/ref.h"

namespace hubkeep {

constexpr std::size_t kMaxHaves =
    256;  // fewer than 16 make packs a hundred times larger; more only cost the server time
constexpr std::size_t kMaxPrerequisites = 16;  // plain git reads history for each

struct FetchPlan {
  FetchRequest request;  // no wants: nothing to fetch
  BundleHeader header;
};

/// `before` is the state whose objects the vault holds (nothing for a base), `now` what the server has.
/// `held` are commits that the vault holds beside: all of them are haves, the first ones.
FetchPlan plan_fetch(const std::optional<RefState>& before, const RefState& now,
                     const std::vector<Oid>& held = {});

/// For commits, and the tags of what comes with them. The bundle's header names those that are no refs of
/// `now` as held.
FetchPlan plan_slice(const std::optional<RefState>& before, const RefState& now, const std::vector<Oid>& held,
                     const std::vector<Oid>& wants);

/// For the same objects with all that they lead to: of a server that is not told that we have any.
FetchPlan without_haves(FetchPlan plan);

}  // namespace hubkeep
