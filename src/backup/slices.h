// Fetches a repository in slices: what came whole is committed at once, so that a connection which breaks
// costs one slice and not all of them.
#pragma once

#include <string>
#include <vector>

#include "backup/repository_work.h"

namespace hubkeep {

/// Where the slices begin.
struct SliceStart {
  Foundation foundation;                  // what the vault holds
  std::vector<ObjectRecord> stored_refs;  // the refs objects of the last snapshot; none for the first
  RefState stored_state;                  // what these say
  Repository repository;
  Listing listing;
  UtcTime checked_at;
};

/// Fetches what `now` lists and the vault lacks. Each slice is a snapshot; the last one is whole, those
/// before are partial. Throws Error: the last break (transient) with the refs that cannot be had, when all
/// others are there; anything else that ends the slices, with how far they came.
void back_up_in_slices(RepositoryWork& work, SliceStart start, RefState now);

}  // namespace hubkeep
