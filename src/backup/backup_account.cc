#include "backup/backup_account.h"

#include <fmt/format.h>

#include <algorithm>
#include <mutex>
#include <nlohmann/json.hpp>
#include <set>

#include "backup/keep_locked.h"
#include "base/error.h"
#include "base/parallel.h"
#include "base/text.h"
#include "vault/run_report.h"
#include "vault/zip_record.h"

namespace hubkeep {
namespace {

using Task = std::function<void(RepositoryResult&)>;

struct Job {
  Outcome blank;  // names the repository
  Task task;
};

class AccountRun {
 public:
  AccountRun(const BackupContext& context, GitHub& github, const RunOptions& options, MemoryBudget& memory,
             const std::stop_token& stop)
      : context_(context), github_(github), options_(options), stop_(stop), memory_(memory) {}

  RunSummary run() {
    summary_.started = context_.clock.now();
    summary_.run = SnapshotId::make(summary_.started);
    summary_.stale_removed = context_.vault.store().remove_stale(options_.stale_after);
    catalog_ = context_.vault.load_catalog(notice(), stop_);
    zips_.emplace(context_, github_, options_.zips, zip_day(summary_.started));
    const RepositoryList list = github_.list_repositories(options_.selection, stop_);
    refuse_nothing(list);
    report_.emplace();
    report_->add({{"run", summary_.run.str()},
                  {"program", context_.program},
                  {"host", context_.host},
                  {"repositories", list.repositories.size()}});
    const std::vector<Job> jobs = jobs_of(list);
    context_.observer.selected(list.problems.size() + jobs.size());
    if (options_.repair && options_.repair->empty())
      context_.observer.notice("verify has found no damage: there is nothing to repair");
    for (const auto& problem : list.problems) {
      finish({.repository = problem.name, .kind = OutcomeKind::failed, .error = problem.error}, std::nullopt);
    }
    tell_of_the_irreparable(list);
    tell_of_memory();
    work_through(jobs);
    // Beyond this point every snapshot of this run exists; what follows makes the next run quick and this one
    // known.
    name_zips();
    write_catalog();
    write_report();
    return std::move(summary_);
  }

 private:
  Notice notice() const {
    return [this](const std::string& text) { context_.observer.notice(text); };
  }

  void tell_of_memory() const {
    const auto at_once = memory_.total() / job_memory();
    if (at_once >= static_cast<ByteCount>(options_.jobs)) return;
    context_.observer.notice(
        fmt::format("{} of memory are enough for {} repositories at once, not {}: see --memory",
                    human_size(memory_.total()), at_once, options_.jobs));
  }

  // A run that ends with "ok" and an empty folder is the worst of all results.
  void refuse_nothing(const RepositoryList& list) const {
    if (!list.repositories.empty()) return;
    if (!list.problems.empty()) {
      const auto& first = list.problems.front();
      throw list.problems.size() == 1
          ? first.error
          : Error(first.error.kind(),
                  fmt::format("nothing that was named can be backed up: {}", first.error.message()));
    }
    if (list.seen > 0) {
      throw Error(
          ErrorKind::invalid,
          fmt::format(
              "the filters leave none of {} repositories: look at --include, --exclude, --skip-forks, "
              "--skip-archived and --only-owner",
              list.seen));
    }
    throw Error(
        ErrorKind::not_found,
        "GitHub lists no repository at all: the token may lack the permission to see them (a classic token "
        "needs the scope repo, a fine-grained one access to repositories)");
  }

  std::vector<Job> jobs_of(const RepositoryList& list) {
    std::vector<const Repository*> largest_first;
    largest_first.reserve(list.repositories.size());
    for (const auto& repository : list.repositories) largest_first.push_back(&repository);
    std::sort(largest_first.begin(), largest_first.end(), [](const Repository* a, const Repository* b) {
      return a->size != b->size ? a->size > b->size : a->id < b->id;
    });
    if (options_.repair) std::erase_if(largest_first, [&](auto* r) { return damage_of(r->id) == nullptr; });
    std::vector<Job> jobs;
    jobs.reserve(largest_first.size());
    for (const Repository* repository : largest_first) {
      jobs.push_back(
          {.blank = {.repository = repository->full_name, .id = repository->id},
           .task = [this, repository](RepositoryResult& result) { back_up(*repository, result); }});
    }
    if (options_.repair) return jobs;
    for (const auto& known : catalog_) {
      const CatalogEntry& entry = known.second;
      const Outcome blank{.repository = entry.listing.full_name, .id = entry.id};
      if (may_be_gone(entry, list))
        jobs.push_back({.blank = blank, .task = [this, &entry, &list](RepositoryResult& result) {
                          check_gone(entry, list, result);
                        }});
      if (is_lock_due(entry) && !is_listed(entry, list))
        jobs.push_back(
            {.blank = blank, .task = [this, &entry](RepositoryResult& result) { lock_gone(entry, result); }});
    }
    return jobs;
  }

  void back_up(const Repository& repository, RepositoryResult& result) {
    const auto found = catalog_.find({context_.host, repository.id});
    const auto known = found == catalog_.end() ? std::nullopt : std::optional(found->second);
    if (!options_.history) return zips_->save_alone(repository, known, result, stop_);
    const DamagedRepository* const damage = damage_of(repository.id);
    kept_locked(known, result, [&] {
      backup_repository(context_, repository, known, stop_, result,
                        damage == nullptr ? std::vector<std::string>() : damage->lost);
    });
    if (!result.outcome.error) zips_->add_to_history(repository, known, result, stop_);
  }

  const DamagedRepository* damage_of(std::int64_t id) const {
    if (!options_.repair) return nullptr;
    const auto found = options_.repair->find({context_.host, id});
    return found == options_.repair->end() ? nullptr : &found->second;
  }

  // Damaged, and not to be had: the user must know.
  void tell_of_the_irreparable(const RepositoryList& list) {
    if (!options_.repair) return;
    for (const auto& [key, damaged] : *options_.repair) {
      const auto is_it = [&](const Repository& repository) { return repository.id == key.second; };
      if (key.first == context_.host &&
          std::any_of(list.repositories.begin(), list.repositories.end(), is_it))
        continue;
      finish({.repository = damaged.name,
              .id = key.second,
              .kind = OutcomeKind::failed,
              .error = Error(ErrorKind::not_found,
                             "it is damaged, and none of the repositories that this run may fetch: what "
                             "verify says can still be restored is all there is")},
             std::nullopt);
    }
  }

  // The date first: what is written from then on is locked so long at least.
  void kept_locked(const std::optional<CatalogEntry>& known, RepositoryResult& result,
                   const std::function<void()>& task) {
    const auto plan = context_.vault.store().lock_plan(context_.clock.now());
    task();
    if (plan) keep_locked(context_, *plan, known, result, stop_);
  }

  // What is gone from GitHub is in the vault alone: no run looks at it any more but for this.
  bool is_lock_due(const CatalogEntry& entry) {
    if (entry.host != context_.host || !entry.gone_since || entry.newest.empty()) return false;
    const auto plan = context_.vault.store().lock_plan(context_.clock.now());
    return plan && !(entry.locked_until >= plan->renew_before);
  }

  void lock_gone(const CatalogEntry& entry, RepositoryResult& result) {
    result.outcome.detail = "gone from GitHub; what is kept of it is locked longer";
    kept_locked(entry, result, [] {});
  }

  static bool is_listed(const CatalogEntry& entry, const RepositoryList& list) {
    return std::binary_search(list.seen_ids.begin(), list.seen_ids.end(), entry.id);
  }

  // Known, not yet marked, and missing from a listing that would have shown it.
  bool may_be_gone(const CatalogEntry& entry, const RepositoryList& list) const {
    if (entry.host != context_.host || entry.gone_since || is_listed(entry, list)) return false;
    const auto& name = entry.listing.full_name;
    const std::string owner = to_lower(std::string_view(name).substr(0, name.find('/')));
    return std::find(list.covered_owners.begin(), list.covered_owners.end(), owner) !=
           list.covered_owners.end();
  }

  // The listing alone is no proof: it may have been transferred, or the listing was made while it moved.
  void check_gone(const CatalogEntry& entry, const RepositoryList& list, RepositoryResult& result) {
    if (list.public_only && entry.listing.visibility != "public") {
      throw Error(
          ErrorKind::unauthorized,
          fmt::format("it is {}, and without a token it cannot be seen: set TOKEN_GITHUB or --token-file",
                      printable(entry.listing.visibility)));
    }
    if (github_.repository_exists(entry.id, stop_)) {
      result.outcome.kind = OutcomeKind::not_selected;
      result.outcome.detail =
          "still on GitHub, but none of the accounts and names of this run lists it: to go on with it, name "
          "its account or itself";
      return;
    }
    kept_locked(entry, result, [&] { mark_gone(context_, entry, stop_, result); });
    if (entry.listing.visibility != "public") result.outcome.detail = "or hidden from this token";
  }

  void work_through(const std::vector<Job>& jobs) {
    work_in_parallel(jobs.size(), static_cast<std::size_t>(options_.jobs),
                     [&](std::size_t i) { do_job(jobs[i]); });
  }

  // The edge of one repository's work: no error goes beyond it. What was committed before one, and what that
  // took, counts.
  void do_job(const Job& job) {
    RepositoryResult result{.outcome = job.blank, .update = {}};
    Outcome& outcome = result.outcome;
    const auto fail = [&](const Error& error) {
      const bool stopped = error.kind() == ErrorKind::cancelled && stop_.stop_requested();
      outcome.kind = stopped ? OutcomeKind::not_done : OutcomeKind::failed;
      if (!stopped) outcome.error = error;
      outcome.detail.clear();
    };
    try {
      if (stop_.stop_requested()) throw Error(ErrorKind::cancelled, "stopped");
      const auto lease = memory_.acquire(job_memory(), stop_);
      context_.observer.started(outcome.repository);
      job.task(result);
    } catch (const Error& error) {
      fail(error);
    } catch (const std::exception& error) {
      fail(Error(ErrorKind::internal, error.what()));
    }
    finish(outcome, std::move(result.update));
  }

  ByteCount job_memory() const { return kJobMemory + context_.vault.store().writer_memory(); }

  void finish(const Outcome& outcome, std::optional<CatalogUpdate> update) {
    {
      const std::scoped_lock lock(mutex_);
      if (update) updates_.push_back(std::move(*update));
      add_to_report(to_json(outcome));
      summary_.outcomes.push_back(outcome);
    }
    context_.observer.finished(outcome);
  }

  void add_to_report(const nlohmann::ordered_json& line) {
    if (!report_) return;
    try {
      report_->add(line);
    } catch (const Error& error) {
      lose_report(error);
    }
  }

  void lose_report(const Error& error) {
    report_.reset();
    summary_.run_problems.push_back("the run's report could not be written: " + error.message());
  }

  void name_zips() {
    std::vector<ZipRecord> zips;
    for (const Outcome& outcome : summary_.outcomes)
      if (outcome.zip) zips.push_back(*outcome.zip);
    if (const auto error = hubkeep::name_zips(context_.vault, zip_day(summary_.started), zips, updates_))
      summary_.run_problems.push_back("the zips of this run could not be named (the next run does it): " +
                                      error->message());
  }

  // Not stopped by the stop that ended the run: what is finished must be kept.
  void write_catalog() {
    try {
      context_.vault.update_catalog(updates_, notice(), {});
    } catch (const Error& error) {
      summary_.run_problems.push_back(
          "the catalog could not be written (the next run finds the snapshots all the same): " +
          error.message());
    }
  }

  void write_report() {
    summary_.finished = context_.clock.now();
    summary_.stopped = stop_.stop_requested();
    summary_.api_requests = github_.request_count();
    add_to_report({{"finished", format_time(summary_.finished)},
                   {"stopped", summary_.stopped},
                   {"api_requests", summary_.api_requests},
                   {"problems", summary_.run_problems}});
    try {
      if (report_) report_->commit(context_.vault.store(), summary_.run);
    } catch (const Error& error) {
      lose_report(error);
    }
  }

  const BackupContext& context_;
  GitHub& github_;
  const RunOptions& options_;
  const std::stop_token& stop_;
  MemoryBudget& memory_;
  Catalog catalog_;
  std::optional<ZipBackup> zips_;

  std::mutex mutex_;  // guards what follows while workers run
  RunSummary summary_;
  std::vector<CatalogUpdate> updates_;
  std::optional<RunReport> report_;
};

}  // namespace

std::size_t RunSummary::count(OutcomeKind kind) const {
  return static_cast<std::size_t>(std::count_if(
      outcomes.begin(), outcomes.end(), [&](const Outcome& outcome) { return outcome.kind == kind; }));
}

RunSummary backup_account(const BackupContext& context, GitHub& github, const RunOptions& options,
                          MemoryBudget& memory, const std::stop_token& stop) {
  return AccountRun(context, github, options, memory, stop).run();
}

}  // namespace hubkeep
