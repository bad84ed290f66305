// One kind of content of a repository: its history, its wiki, its issues. backup_repository() asks each that
// is due and makes one snapshot of what they say; what fails in one is that one's own failure.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "backup/git_freshness.h"
#include "backup/outcome.h"
#include "backup/share.h"
#include "vault/catalog.h"
#include "vault/manifest.h"

namespace hubkeep {

class RepositoryWork;

/// When it is, by GitHub's clock, and how often is asked again what seems unchanged.
struct Recheck {
  UtcTime now;
  std::chrono::hours interval{7 * 24};
};

/// A part of the snapshot that is gone on from.
struct PartBefore {
  Manifest manifest;  // in which it stands
  Part part;
};

struct PartResult {
  /// As it is from now on; nothing: as before.
  std::optional<Part> part = {};
  PartOutcome outcome;
  /// When the server was asked for all that it has, by GitHub's clock; nothing: as before.
  std::optional<UtcTime> checked_at = {};
};

/// One for all repositories of a run, and used by all of its threads.
class PartBackup {
 public:
  PartBackup() = default;
  PartBackup(const PartBackup&) = delete;
  PartBackup& operator=(const PartBackup&) = delete;
  virtual ~PartBackup() = default;

  /// The part's name in manifest and catalog, and its folder.
  virtual std::string_view name() const = 0;

  /// Whether such a subject can have it.
  virtual bool is_for(SubjectKind kind) const { return kind == SubjectKind::repository; }

  /// Whether it has to be asked at all. Pure.
  virtual Freshness judge(const CatalogEntry& known, const Listing& listed, const Recheck& recheck) const = 0;

  /// Saves it into objects at its PartPlace, named after `snapshot`. What is whole before the end it may give
  /// to work.commit_partial(). An Error is part of the result; one that is thrown counts as well, without
  /// what it took. A part that is marked as failed (see with_status()) is never unchanged.
  virtual PartResult save(const std::optional<PartBefore>& before, const SnapshotId& snapshot,
                          RepositoryWork& work) const = 0;

  /// Stores a share of the files that `before` lacks, and names it nowhere. Errors as in save().
  virtual PartOutcome fetch_share(const PartBefore& before, const Share& share, RepositoryWork& work) const;

  /// Which answers of the probe of many repositories judge() looks at; see github/probe.h. Another name is
  /// that of something which it keeps and no probe tells of: it stands in the listing, so that the first run
  /// which keeps it knows that no run before did.
  virtual std::set<std::string> probes() const { return {}; }

  /// The catalog learns when it was asked for.
  virtual void note_check(CatalogEntry& entry, UtcTime checked_at) const;

  /// What there is to tell of it where it stays as it is.
  virtual PartOutcome outcome_of(const Part& kept) const;
};

using PartBackups = std::vector<std::shared_ptr<const PartBackup>>;

/// Those that such a subject can have, in their order.
PartBackups parts_for(const PartBackups& parts, SubjectKind kind);

/// A part that has to be asked.
struct DuePart {
  const PartBackup* part = nullptr;
  std::string_view why = {};  // nothing where nothing is known
};

/// Of `parts`, in their order: those that judge so, and those that have failed; all where nothing is known.
/// Pure.
std::vector<DuePart> parts_due(const PartBackups& parts, const CatalogEntry* known, const Listing& listed,
                               const Recheck& recheck);

/// A part that could not be had: what it had before stays, and its status says so.
Part with_status(const std::optional<Part>& before, const PartStatus& status,
                 const std::string& permission = {});

}  // namespace hubkeep
