// A job is one repository, from the first look to its last object, and holds its share of the memory all the
// while. Errors end at a job's edge as its outcome. Results are handed on one at a time, from whichever
// thread.
#include "run/workers.h"

#include <fmt/format.h>

#include <algorithm>
#include <mutex>

#include "backup/backup_repository.h"
#include "backup/git_backup.h"
#include "backup/keep_locked.h"
#include "base/caught_error.h"
#include "base/parallel.h"
#include "base/text.h"

namespace hubkeep {
namespace {

class Workers {
 public:
  Workers(const BackupContext& context, MemoryBudget& memory, const WorkOptions& options,
          const ResultVisitor& visit)
      : context_(context),
        memory_(memory),
        options_(options),
        visit_(visit),
        zips_(context, options.contents.zips, options.day) {}

  void run(const std::vector<WorkItem>& items) {
    tell_of_memory();
    work_in_parallel(items.size(), static_cast<std::size_t>(options_.jobs),
                     [&](std::size_t i) { do_item(items[i]); });
  }

 private:
  const std::stop_token& stop() const { return options_.stops.stop; }

  ByteCount job_memory() const {
    return kBackupJobMemory + (context_.proof.is_wanted ? kIndexingShare : 0) +
           context_.vault.objects().writer_memory();
  }

  void tell_of_memory() const {
    const auto at_once = memory_.total() / job_memory();
    if (at_once >= static_cast<ByteCount>(options_.jobs)) return;
    context_.observer.notice(fmt::format("{} of memory are enough for {} at once, not {}: see --memory",
                                         human_size(memory_.total()),
                                         count_of(at_once, "repository", "repositories"), options_.jobs));
  }

  void do_item(const WorkItem& item) {
    RepositoryResult result = result_of(item);
    const Outcome told = result.outcome;
    {
      const std::scoped_lock lock(mutex_);
      visit_(item, std::move(result));
    }
    context_.observer.finished(told);
  }

  // The edge of one repository's work: no error goes beyond it.
  RepositoryResult result_of(const WorkItem& item) {
    RepositoryResult result;
    const auto error = caught_error([&] {
      if (options_.stops.is_stopping()) throw Error(ErrorKind::cancelled, "stopped");
      const auto lease = memory_.acquire(job_memory(), stop());
      context_.observer.started(item.name());
      result = work_on(item);
    });
    if (!error) return result;
    return {.outcome = failed(outcome_of(item), *error, options_.stops.is_stopping()), .update = {}};
  }

  static Outcome outcome_of(const WorkItem& item) {
    return {.repository = item.name(), .id = item.id(), .is_private = item.is_private()};
  }

  RepositoryResult work_on(const WorkItem& item) {
    switch (item.kind) {
      case WorkKind::back_up:
        return back_up(item);
      case WorkKind::mark_gone:
        return mark_as_gone(*item.known);
      case WorkKind::extend_lock:
        return extend_lock(item);
    }
    throw Error(ErrorKind::internal, "unknown kind of work");
  }

  RepositoryResult back_up(const WorkItem& item) {
    const Repository& repository = *item.repository;
    const auto known = item.known ? std::optional(*item.known) : std::nullopt;
    if (item.share > 0)
      return fetch_share(context_, repository, known, {.number = item.share, .of = item.shares},
                         options_.stops);
    if (!options_.contents.history) return zips_.save_alone(repository, known, options_.stops);
    RepositoryResult result = kept_locked(known, [&] {
      // Cut off before, it comes in slices: SharedRun.FetchesInSlicesWhatWasCutOff. The first time it did
      // not.
      return backup_repository(context_, repository, known, options_.stops,
                               {.lost = item.lost,
                                .given_up = item.given_up,
                                .in_slices = item.was_cut() || item.was_cut_before,
                                .cuts_in_vain = std::max(item.cuts - (item.has_gained ? 0 : 1), 0),
                                .open = item.open,
                                .may_spread = options_.may_spread && item.shares == 0});
    });
    if (shares_of(result.outcome) > 0) return put_off(std::move(result));
    if (repository.is_gist || !is_history_kept(result.outcome)) return result;  // no gist has zips
    return zips_.add_to_history(repository, known, std::move(result), options_.stops);
  }

  // Its last word comes after the shares. What has failed beside them will fail again.
  static RepositoryResult put_off(RepositoryResult result) {
    result.outcome.kind = OutcomeKind::not_done;
    result.outcome.error.reset();
    for (PartOutcome& part : result.outcome.parts)
      if (part.shares > 0) part = {.part = part.part, .shares = part.shares};
    return result;
  }

  // The date first: what is written from then on is locked so long at least.
  RepositoryResult kept_locked(const std::optional<CatalogEntry>& known,
                               const std::function<RepositoryResult()>& task) {
    const auto plan = context_.vault.objects().lock_plan(context_.clock.now());
    RepositoryResult result = task();
    // Slices that came before it failed build on those of earlier runs.
    const bool has_gained = !result.outcome.snapshot.empty();
    if (!plan || !(has_gained || has_kept_anything(result.outcome))) return result;
    return keep_locked(context_, {*plan, shared_locks_}, known, std::move(result), stop());
  }

  RepositoryResult mark_as_gone(const CatalogEntry& entry) {
    return kept_locked(entry, [&] {
      RepositoryResult result = mark_gone(context_, entry, options_.stops);
      const bool is_marked = result.outcome.kind == OutcomeKind::gone;
      if (is_marked && may_be_hidden(entry.id, entry.listing.visibility != "public"))
        result.outcome.detail = "or hidden from this token";
      return result;
    });
  }

  RepositoryResult extend_lock(const WorkItem& item) {
    return kept_locked(*item.known, [&] {
      RepositoryResult result{.outcome = outcome_of(item), .update = {}};
      result.outcome.was_begun = true;
      result.outcome.kind = OutcomeKind::gone;
      result.outcome.detail = "what is kept of it is locked longer";
      return result;
    });
  }

  const BackupContext& context_;
  MemoryBudget& memory_;
  const WorkOptions& options_;
  const ResultVisitor& visit_;
  const ZipBackup zips_;
  SharedLocks shared_locks_;
  std::mutex mutex_;  // one result at a time
};

}  // namespace

void work_through(const BackupContext& context, MemoryBudget& memory, const WorkOptions& options,
                  const std::vector<WorkItem>& items, const ResultVisitor& visit) {
  Workers(context, memory, options, visit).run(items);
}

}  // namespace hubkeep
