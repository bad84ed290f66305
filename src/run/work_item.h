// What a run has to do, item by item: made from GitHub's listing and the catalog, done by workers of this
// process or of others.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "backup/backup_context.h"
#include "backup/listing_of.h"
#include "github/github.h"
#include "vault/catalog.h"
#include "vault/findings.h"

namespace hubkeep {

enum class WorkKind {
  back_up,
  mark_gone,    // known, and GitHub does not show it any more
  extend_lock,  // gone from GitHub, and so in the vault alone
};

/// Points into the listing and the catalog that it was made from.
struct WorkItem {
  WorkKind kind = WorkKind::back_up;
  const Repository* repository = nullptr;  // of back_up, else none
  const CatalogEntry* known = nullptr;     // none for a new repository
  /// How often in a row the time of a shared run's worker was over in its middle, with nothing gained.
  int cuts = 0;
  bool was_cut_before = false;             // in an earlier run, of which nothing is kept
  bool has_gained = false;                 // slices, in an attempt of this run that was cut
  std::vector<std::string> lost = {};      // see backup_repository()
  std::vector<std::string> given_up = {};  // see backup_repository()
  int shares = 0;                          // into which its files were divided, each fetched by a worker
  int share = 0;                           // from 1: this alone is to be fetched; 0: it is to be backed up
  std::vector<Oid> open = {};              // as the attempt that was cut left it; see backup_repository()

  bool was_cut() const { return cuts > 0 || has_gained; }
  const std::string& name() const { return repository ? repository->full_name : known->listing.full_name; }
  /// As GitHub said last: private or internal.
  bool is_private() const {
    return (repository ? repository->visibility : known->listing.visibility) != "public";
  }
  SubjectId id() const { return repository ? subject_of(*repository) : known->id; }
};

/// To back up all that is listed, largest first. Nothing is asked for, so that whether an item needs a
/// request shows only when it is done; see needs_nothing(). What was given up before, `state` knows.
std::vector<WorkItem> plan_work(const BackupContext& context, const RepositoryList& list,
                                const Catalog& catalog, const HostState& state);

/// The same where only what is damaged is to be fetched, each repository anew.
std::vector<WorkItem> plan_repair(const BackupContext& context, const RepositoryList& list,
                                  const Catalog& catalog, const Findings& damaged);

/// Whether the locks of what its newest snapshot needs are to be extended.
bool is_lock_due(const BackupContext& context, const CatalogEntry& entry);

/// Whether its history is as the catalog knows it, and no lock of it is due.
bool needs_nothing(const BackupContext& context, const WorkItem& item);

}  // namespace hubkeep
