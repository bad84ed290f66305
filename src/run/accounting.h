// The vault is the list of what a run must account for: what it knows and no listing shows is asked for by
// its id, and is then backed up as if listed, or gone.
#pragma once

#include <stop_token>
#include <string>
#include <vector>

#include "run/work_item.h"
#include "vault/host_state.h"

namespace hubkeep {

/// A repository that the vault knows, that the run is about, and that its listing does not show.
struct Unlisted {
  SubjectId id;  // or a gist's
  std::string name;
  bool is_private = false;
  const CatalogEntry* known = nullptr;  // none of one that was never saved
};

/// By id. What the filters leave out is none of them, nor what belongs to nobody that the run is about. Pure.
std::vector<Unlisted> find_unlisted(const std::string& host, const RepositoryList& list,
                                    const RepositorySelection& selection, const Catalog& catalog,
                                    const HostState& state);

/// Throws Error where a listing has nothing to back up and does not prove that there is nothing: a run that
/// ends with "ok" and an empty folder is the worst of all results.
void require_something(const RepositoryList& list);

/// What a run has to do, and what is told without doing anything.
struct RunPlan {
  RepositoryList list;          // with those that were found by their ids
  std::vector<WorkItem> items;  // pointing into list and catalog
  std::vector<Outcome> told;    // gone already, not to be asked for, or without an answer
};

/// Lists what the run is about, begins the host's state, adds to `catalog` what only that names, and accounts
/// for what the listing does not show. Throws Error when listing fails, and when there is nothing to do or
/// tell: a run that ends with "ok" and an empty folder is the worst of all results.
RunPlan plan_run(const BackupContext& context, const RepositorySelection& selection, Catalog& catalog,
                 const std::stop_token& stop);
/// The same without a word written: where the vault has no state yet, none is begun.
RunPlan plan_unwritten(const BackupContext& context, const RepositorySelection& selection, Catalog& catalog,
                       const std::stop_token& stop);

}  // namespace hubkeep
