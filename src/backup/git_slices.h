// Fetches a repository in slices: what came whole is committed at once, so that a connection which breaks
// costs one slice and not all of them, and a ref that the server cannot hand over costs no other.
#pragma once

#include <optional>

#include "backup/git_foundation.h"
#include "backup/git_history_plan.h"
#include "backup/git_left_out_refs.h"
#include "backup/git_objects_not_there.h"
#include "backup/git_work.h"

namespace hubkeep {

/// Where the slices begin.
struct SliceStart {
  Foundation foundation = {};          // what the vault holds
  std::optional<GitPart> stored = {};  // what the last snapshot says; none for the first
  RefState stored_state = {};          // what its refs objects say
  UtcTime checked_at;
  Refusals refused = {};           // what is not asked for again
  ObjectsNotThere not_there = {};  // as far as the server has said so
  bool is_refused = false;         // the server refuses to hand over all that is lacking together
  std::vector<Oid> open = {};      // what an attempt before had still to ask for
  std::uint64_t slices = kSlicesOfAHistory;
};

/// Above this a history is begun in slices, and none of them need be smaller or should be larger than that.
constexpr ByteCount kLargeHistory = ByteCount{256} << 20;
constexpr ByteCount kLeastSlice = ByteCount{48} << 20;
constexpr ByteCount kMostOfASlice = ByteCount{256} << 20;

/// Into how many slices a history of `size` bytes is cut (0: not known), after so many attempts at slices
/// that gained nothing.
std::uint64_t slices_for(ByteCount size, int cuts_in_vain);

/// Fetches what `now` lists and the vault lacks. Each slice is a snapshot; the last one is whole, or lacks
/// nothing but what the server refuses and says so; those before are partial. Returns false when nothing was
/// to be written: all that could be had is there, and the last snapshot says what cannot.
/// Throws Error: the last break (transient) with the refs that cannot be had, when all others are there;
/// the refusal where the server refuses whatever it is asked for; anything else that ends the slices, with
/// how far they came.
bool back_up_in_slices(const GitWork& git, SliceStart start, RefState now);

}  // namespace hubkeep
