#include "run/workers.h"

#include <fmt/format.h>

#include <mutex>

#include "backup/backup_repository.h"
#include "backup/keep_locked.h"
#include "base/error.h"
#include "base/parallel.h"
#include "base/text.h"

namespace hubkeep {
namespace {

class Workers {
 public:
  Workers(const BackupContext& context, GitHub& github, MemoryBudget& memory, const WorkOptions& options,
          const ResultVisitor& visit)
      : context_(context),
        github_(github),
        memory_(memory),
        options_(options),
        visit_(visit),
        zips_(context, github, options.contents.zips, options.day) {}

  void run(const std::vector<WorkItem>& items) {
    tell_of_memory();
    work_in_parallel(items.size(), static_cast<std::size_t>(options_.jobs),
                     [&](std::size_t i) { do_item(items[i]); });
  }

 private:
  const std::stop_token& stop() const { return options_.stops.stop; }

  ByteCount job_memory() const { return kBackupJobMemory + context_.vault.store().writer_memory(); }

  void tell_of_memory() const {
    const auto at_once = memory_.total() / job_memory();
    if (at_once >= static_cast<ByteCount>(options_.jobs)) return;
    context_.observer.notice(
        fmt::format("{} of memory are enough for {} repositories at once, not {}: see --memory",
                    human_size(memory_.total()), at_once, options_.jobs));
  }

  // The edge of one repository's work: no error goes beyond it. What was committed before one, and what that
  // took, counts.
  void do_item(const WorkItem& item) {
    RepositoryResult result{
        .outcome = {.repository = item.name(), .id = item.id(), .is_private = item.is_private()},
        .update = {}};
    Outcome& outcome = result.outcome;
    const auto fail = [&](const Error& error) {
      const bool waited = error.kind() == ErrorKind::rate_limited;
      const bool stopped = (waited || error.kind() == ErrorKind::cancelled) && is_stopped();
      outcome.kind = stopped ? OutcomeKind::not_done : OutcomeKind::failed;
      if (!stopped) outcome.error = error;
      if (waited) outcome.was_begun = false;  // it was not its own work that took too long
      outcome.detail.clear();
    };
    try {
      if (is_stopped()) throw Error(ErrorKind::cancelled, "stopped");
      const auto lease = memory_.acquire(job_memory(), stop());
      context_.observer.started(outcome.repository);
      outcome.was_begun = true;
      work_on(item, result);
    } catch (const Error& error) {
      fail(error);
    } catch (const std::exception& error) {
      fail(Error(ErrorKind::internal, error.what()));
    }
    const Outcome told = outcome;
    {
      const std::scoped_lock lock(mutex_);
      visit_(item, std::move(result));
    }
    context_.observer.finished(told);
  }

  bool is_stopped() const { return stop().stop_requested() || options_.stops.last_call.stop_requested(); }

  void work_on(const WorkItem& item, RepositoryResult& result) {
    switch (item.kind) {
      case WorkKind::back_up:
        return back_up(item, result);
      case WorkKind::mark_gone:
        return mark_as_gone(*item.known, result);
      case WorkKind::extend_lock:
        result.outcome.kind = OutcomeKind::gone;
        result.outcome.detail = "what is kept of it is locked longer";
        return kept_locked(*item.known, result, [] {});
    }
  }

  void back_up(const WorkItem& item, RepositoryResult& result) {
    const auto known = item.known ? std::optional(*item.known) : std::nullopt;
    if (!options_.contents.history) return zips_.save_alone(*item.repository, known, result, stop());
    kept_locked(known, result, [&] {
      backup_repository(
          context_, *item.repository, known, stop(), result,
          {.lost = item.lost, .given_up = item.given_up, .in_slices = item.cuts > 0, .name_now = [&] {
             return github_.full_name_of(item.repository->id, stop());
           }});
    });
    if (!result.outcome.error) zips_.add_to_history(*item.repository, known, result, stop());
  }

  // The date first: what is written from then on is locked so long at least.
  void kept_locked(const std::optional<CatalogEntry>& known, RepositoryResult& result,
                   const std::function<void()>& task) {
    const auto plan = context_.vault.store().lock_plan(context_.clock.now());
    task();
    if (plan) keep_locked(context_, *plan, known, result, stop());
  }

  void mark_as_gone(const CatalogEntry& entry, RepositoryResult& result) {
    kept_locked(entry, result, [&] { mark_gone(context_, entry, stop(), result); });
    if (entry.listing.visibility != "public") result.outcome.detail = "or hidden from this token";
  }

  const BackupContext& context_;
  GitHub& github_;
  MemoryBudget& memory_;
  const WorkOptions& options_;
  const ResultVisitor& visit_;
  const ZipBackup zips_;
  std::mutex mutex_;  // one result at a time
};

}  // namespace

void work_through(const BackupContext& context, GitHub& github, MemoryBudget& memory,
                  const WorkOptions& options, const std::vector<WorkItem>& items,
                  const ResultVisitor& visit) {
  Workers(context, github, memory, options, visit).run(items);
}

}  // namespace hubkeep
