// A repository is backed up part by part. Which parts are due is known before anything is asked; then the
// newest snapshot is looked for, the next one begun, each due part saved into it, and the whole committed.
// Whatever happens on the way, what was committed and what it took is in the result.
#include "backup/backup_repository.h"

#include "backup/listing_of.h"
#include "backup/repository_work.h"
#include "base/caught_error.h"

namespace hubkeep {
namespace {

std::vector<DuePart> due_by(const RepositoryWork& work, const CatalogEntry* known) {
  const BackupContext& context = work.context();
  return parts_due(work.parts(), work.is_repair() ? nullptr : known, work.listing(),
                   {context.now_by_github(), context.recheck});
}

// Beside what the subject is about, its history, only news need a word.
bool is_told_why(const PartOutcome& part, const RepositoryWork& work) {
  const bool is_news = part.kind != PartOutcomeKind::unchanged && part.kind != PartOutcomeKind::absent;
  return is_news || part.part == work.parts().front()->name();
}

// The edge of one part's work: its failure is its own.
void save_part(const DuePart& due, RepositoryWork& work) {
  const std::string_view name = due.part->name();
  const auto error = caught_error([&] {
    const SnapshotId snapshot = work.snapshot();  // the part may commit it, and then there is another
    PartResult result = due.part->save(work.before(name), snapshot, work);
    if (result.outcome.detail.empty() && is_told_why(result.outcome, work)) result.outcome.detail = due.why;
    work.keep(std::move(result));
  });
  if (error) work.fail(name, *error);
}

void back_up(RepositoryWork& work, bool is_disabled) {
  std::vector<DuePart> due = due_by(work, work.known());
  if (due.empty()) return;
  // Its history is what it is about: nothing else of it would be news.
  if (is_disabled && due.front().part != work.parts().front().get()) return;
  if (is_disabled) throw Error(ErrorKind::forbidden, "GitHub has disabled access to this repository");
  work.find_newest();
  // Beyond this point newest() is what the vault really holds, whatever the catalog knew.
  if (const auto unnoticed = work.committed_unnoticed()) {
    due = due_by(work, &*unnoticed);
    if (due.empty()) return work.tell_of(*unnoticed);
  }
  work.begin_snapshot();
  // Beyond this point the next snapshot has all parts of the one before.
  for (const DuePart& part : due) save_part(part, work);
  // Beyond this point all objects exist, but nothing refers to them yet, slices aside.
  if (work.has_news())
    work.commit();
  else
    work.look();
}

void fetch(const Share& share, RepositoryWork& work) {
  work.find_newest();
  for (const auto& part : work.parts()) {
    const auto before = work.before(part->name());
    if (!before) continue;
    const auto error =
        caught_error([&] { work.keep({.part = {}, .outcome = part->fetch_share(*before, share, work)}); });
    if (error) work.fail(part->name(), *error);
  }
}

void mark(RepositoryWork& work) {
  work.find_newest();
  if (work.newest().empty())
    return work.mark_gone_in_catalog(work.known()->newest.empty() ? "only zips of it are kept"
                                                                  : "no snapshot of it can be read");
  work.begin_snapshot();
  work.commit_gone();
}

std::string new_folder(const BackupContext& context, const Repository& repository) {
  if (repository.is_gist) return gist_folder(context.host, repository.owner, repository.name);
  return repository_folder(context.host, repository.owner, repository.name, repository.id);
}

WorkSubject work_subject(const BackupContext& context, const Repository& repository,
                         const std::optional<CatalogEntry>& known) {
  return {.id = subject_of(repository),
          .node_id = repository.node_id,
          .folder = known ? known->folder : new_folder(context, repository),
          .listing = listing_of(repository),
          .size = repository.size};
}

}  // namespace

RepositoryResult backup_repository(const BackupContext& context, const Repository& repository,
                                   const std::optional<CatalogEntry>& known, const StopTokens& stops,
                                   const RepositoryOptions& options) {
  RepositoryWork work(context, known ? &*known : nullptr, work_subject(context, repository, known), options,
                      stops);
  const auto error = caught_error([&] { back_up(work, repository.is_disabled); });
  return std::move(work).finish(error);
}

RepositoryResult fetch_share(const BackupContext& context, const Repository& repository,
                             const std::optional<CatalogEntry>& known, const Share& share,
                             const StopTokens& stops) {
  const RepositoryOptions options;
  RepositoryWork work(context, known ? &*known : nullptr, work_subject(context, repository, known), options,
                      stops);
  const auto error = caught_error([&] { fetch(share, work); });
  return std::move(work).finish(error);
}

RepositoryResult mark_gone(const BackupContext& context, const CatalogEntry& known, const StopTokens& stops) {
  WorkSubject subject{
      .id = known.id, .node_id = known.node_id, .folder = known.folder, .listing = known.listing};
  const RepositoryOptions options;
  RepositoryWork work(context, &known, std::move(subject), options, stops);
  const auto error = caught_error([&] { mark(work); });
  return std::move(work).finish(error);
}

}  // namespace hubkeep
