// What a backup would do, foretold: from what GitHub lists and what the vault says, without a request to git
// and without a word written.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "backup/zip_backup.h"
#include "run/accounting.h"

namespace hubkeep {

/// Files that the vault knows of and does not have yet.
struct PendingFiles {
  std::uint64_t files = 0;
  ByteCount bytes = 0;

  friend bool operator==(const PendingFiles&, const PendingFiles&) = default;
};

/// A part that would be asked for.
struct ForetoldPart {
  PartName part;         // "git"; "zip" of one
  std::string_view why;  // empty: nothing of the repository is known
};

/// What would be done with one item of a plan.
struct Foretold {
  std::string repository;
  SubjectId id;
  bool is_private = false;
  WorkKind kind = WorkKind::back_up;
  bool is_new = false;
  std::vector<ForetoldPart> parts = {};   // of back_up; none: it is as it was
  std::optional<ByteCount> history = {};  // to come, as GitHub estimates it; nothing: not known
  PendingFiles lfs = {};
  bool is_lfs_unknown = false;  // the history, which points at it, is not read yet
  std::uint64_t requests = 0;   // at least

  bool has_nothing_to_do() const { return kind == WorkKind::back_up && parts.empty(); }
};

struct DryRun {
  std::vector<Foretold> items;  // as in the plan
  std::vector<Outcome> told;    // what a run would tell without doing anything: gone, failed
  std::string vault;            // where it would write; foretell() does not know
  bool vault_is_new = false;    // and would make a vault first
  std::uint64_t requests = 0;   // that it would send beside those of the listing, at least
  std::uint64_t asked = 0;      // of the listing
  ByteCount history = 0;        // of the items that it is known of
  std::size_t unknown = 0;      // items that may bring more than is known
  PendingFiles lfs = {};
  std::size_t lfs_unknown = 0;  // new items whose LFS objects nobody knows yet

  /// How many items have something to do.
  std::size_t due() const;
  bool has_failures() const;
};

/// What is pending of a repository whose part "lfs" is incomplete; see pending_lfs().
using PendingReader = std::function<PendingFiles(const CatalogEntry& known)>;

/// Of a plan for which nothing was written. Asks `pending` about the repositories in question alone.
DryRun foretell(const BackupContext& context, const RunPlan& plan, const RunContents& contents,
                const PendingReader& pending);

/// What the newest snapshot of a repository lacks of its LFS objects, as its cursor says. Nothing where that
/// cannot be read. Throws Error(cancelled).
PendingFiles pending_lfs(Vault& vault, const CatalogEntry& known, const std::stop_token& stop);

/// Lists the account, and foretells what backup_account() would do. Throws Error as that does.
DryRun dry_run(const BackupContext& context, const RepositorySelection& selection,
               const RunContents& contents, const std::stop_token& stop);

}  // namespace hubkeep
