// The same plan and the same judgement as a run's, and then nothing is done. What a repository that is known
// brings, only git could tell; of a new one GitHub's listing has an estimate. So the numbers are what there
// is at least, and what is not known is counted as that.
#include "run/dry_run.h"

#include <algorithm>

#include "backup/listing_of.h"
#include "backup/part_backup.h"
#include "vault/lfs_part.h"
#include "vault/zip_record.h"

namespace hubkeep {
namespace {

constexpr std::uint64_t kObjectsInARequest = 100;  // Git LFS: of addresses, as its servers take them

class Foretelling {
 public:
  Foretelling(const BackupContext& context, const RunContents& contents, const PendingReader& pending)
      : context_(context),
        contents_(contents),
        pending_(pending),
        zips_(context, contents.zips, zip_day(context.now_by_github())) {}

  Foretold item(const WorkItem& item) const {
    Foretold foretold{.repository = item.name(),
                      .id = item.id(),
                      .is_private = item.is_private(),
                      .kind = item.kind,
                      .is_new = item.kind == WorkKind::back_up && item.known == nullptr};
    if (item.kind != WorkKind::back_up) return foretold;
    if (contents_.history) add_parts(item, foretold);
    add_zip(item, foretold);
    return foretold;
  }

 private:
  void add_parts(const WorkItem& item, Foretold& foretold) const {
    const Recheck recheck{context_.now_by_github(), context_.recheck};
    for (const DuePart& due : parts_due(parts_for(context_.parts, item.id().kind()), item.known,
                                        listing_of(*item.repository), recheck)) {
      foretold.parts.push_back({.part = PartName(due.part->name()), .why = due.why});
      if (due.part->name() == kLfsPart)
        add_pending(item, foretold);
      else
        ++foretold.requests;
    }
    if (!foretold.is_new) return;
    foretold.history = item.repository->size;
    if (item.repository->size > 0) ++foretold.requests;  // refs and pack
  }

  void add_pending(const WorkItem& item, Foretold& foretold) const {
    foretold.is_lfs_unknown = item.known == nullptr || item.known->newest.empty();
    if (foretold.is_lfs_unknown) return;
    const PartStatus status = status_of(item.known->newest.front().parts, kLfsPart);
    if (status != PartStatus::partial && status != PartStatus::failed) return;
    foretold.lfs = pending_(*item.known);
    const std::uint64_t files = foretold.lfs.files;
    foretold.requests += files + (files + kObjectsInARequest - 1) / kObjectsInARequest;
  }

  void add_zip(const WorkItem& item, Foretold& foretold) const {
    if (contents_.zips == ZipTime::never) return;
    if (item.known != nullptr && foretold.parts.empty() && zips_.has_zip_of(*item.known)) return;
    foretold.parts.push_back({.part = "zip", .why = {}});
  }

  const BackupContext& context_;
  const RunContents& contents_;
  const PendingReader& pending_;
  const ZipBackup zips_;
};

void add(DryRun& run, Foretold foretold) {
  run.requests += foretold.requests;
  run.history += foretold.history.value_or(0);
  run.lfs.files += foretold.lfs.files;
  run.lfs.bytes += foretold.lfs.bytes;
  run.lfs_unknown += foretold.is_lfs_unknown ? 1 : 0;
  if (!foretold.parts.empty() && !foretold.is_new) ++run.unknown;
  run.items.push_back(std::move(foretold));
}

Outcome outcome_of(const SelectionProblem& problem) {
  return {.repository = problem.name, .kind = OutcomeKind::failed, .error = problem.error};
}

}  // namespace

std::size_t DryRun::due() const {
  return static_cast<std::size_t>(std::count_if(
      items.begin(), items.end(), [](const Foretold& item) { return !item.has_nothing_to_do(); }));
}

bool DryRun::has_failures() const {
  return std::any_of(told.begin(), told.end(),
                     [](const Outcome& outcome) { return outcome.error.has_value(); });
}

DryRun foretell(const BackupContext& context, const RunPlan& plan, const RunContents& contents,
                const PendingReader& pending) {
  const Foretelling foretelling(context, contents, pending);
  DryRun run{.vault_is_new = context.vault.is_new()};
  for (const SelectionProblem& problem : plan.list.problems) run.told.push_back(outcome_of(problem));
  run.told.insert(run.told.end(), plan.told.begin(), plan.told.end());
  for (const WorkItem& item : plan.items) add(run, foretelling.item(item));
  return run;
}

PendingFiles pending_lfs(Vault& vault, const CatalogEntry& known, const std::stop_token& stop) {
  PendingFiles pending;
  try {
    const CatalogSnapshot& newest = known.newest.front();
    const Manifest manifest =
        vault.read_manifest(known.folder, newest.snapshot, newest.sha256, stop).manifest;
    const auto part = manifest.parts.find(PartName(kLfsPart));
    if (part == manifest.parts.end()) return pending;
    for (const LackingLfs& lacking :
         read_lfs_cursor(vault.objects(), known.folder, lfs_part(part->second).cursor, stop)) {
      if (lacking.why != LfsLack::pending) continue;
      ++pending.files;
      pending.bytes += lacking.size;
    }
  } catch (const Error& error) {
    // What cannot be read now, like an object in an archive, is not known.
    if (error.kind() == ErrorKind::cancelled) throw;
    return {};
  }
  return pending;
}

DryRun dry_run(const BackupContext& context, const RepositorySelection& selection,
               const RunContents& contents, const std::stop_token& stop) {
  Catalog catalog = context.vault.load_catalog(notice_of(context.observer), stop);
  const RunPlan plan = plan_unwritten(context, selection, catalog, stop);
  DryRun run = foretell(context, plan, contents,
                        [&](const CatalogEntry& known) { return pending_lfs(context.vault, known, stop); });
  run.asked = context.github.request_count();
  return run;
}

}  // namespace hubkeep
