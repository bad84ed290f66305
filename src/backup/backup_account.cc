#include "backup/backup_account.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "backup/accounting.h"
#include "base/error.h"
#include "vault/run_report.h"
#include "vault/zip_record.h"

namespace hubkeep {
namespace {

class AccountRun {
 public:
  AccountRun(const BackupContext& context, GitHub& github, const RunOptions& options, MemoryBudget& memory,
             const StopTokens& stops)
      : context_(context), github_(github), options_(options), stops_(stops), memory_(memory) {}

  RunSummary run() {
    summary_.started = context_.clock.now();
    summary_.run = SnapshotId::make(summary_.started);
    summary_.stale_removed = context_.vault.store().remove_stale(options_.stale_after);
    const Catalog catalog = context_.vault.load_catalog(notice(), stops_.stop);
    const std::string day = zip_day(summary_.started);
    const RunPlan plan = options_.repair
                             ? plan_of_repair(catalog, *options_.repair)
                             : plan_run(context_, github_, options_.selection, catalog, stops_.stop);
    begin_report(plan.list);
    ZipRepair zips(context_, github_, day, catalog);
    zips.find(options_.damaged_zips, summary_.run_problems, stops_.stop);
    context_.observer.selected(plan.list.problems.size() + plan.items.size() + plan.told.size() +
                               zips.size());
    if (options_.repair && options_.repair->empty() && options_.damaged_zips.empty())
      context_.observer.notice("verify has found no damage: there is nothing to repair");
    for (const auto& problem : plan.list.problems)
      tell({.repository = problem.name, .kind = OutcomeKind::failed, .error = problem.error});
    for (const Outcome& outcome : plan.told) tell(outcome);
    tell_of_the_irreparable(plan.list);
    work_through(context_, github_, memory_,
                 {.jobs = options_.jobs, .stops = stops_, .contents = options_.contents, .day = day},
                 plan.items, [this](const WorkItem&, RepositoryResult result) { keep(std::move(result)); });
    zips.fetch({.list = plan.list,
                .memory = memory_,
                .jobs = static_cast<std::size_t>(options_.jobs),
                .stops = stops_},
               [this](RepositoryResult result) { keep(std::move(result)); });
    // Beyond this point every snapshot of this run exists; what follows makes the next run quick and this one
    // known.
    summary_.stopped = stops_.stop.stop_requested() || stops_.last_call.stop_requested();
    write_catalog(context_.vault, day, updates_, notice(), summary_);
    zips.write_down(summary_.run_problems);
    write_state(context_, updates_, summary_);
    write_report();
    return std::move(summary_);
  }

 private:
  Notice notice() const {
    return [this](const std::string& text) { context_.observer.notice(text); };
  }

  RunPlan plan_of_repair(const Catalog& catalog, const DamagedRepositories& damaged) {
    RunPlan plan;
    plan.list = github_.list_repositories(options_.selection, stops_.stop);
    // Of zips that are lost, it may be that there is no repository left.
    if (options_.damaged_zips.empty()) require_something(plan.list);
    context_.vault.begin_state(context_.host, catalog, context_.clock, stops_.stop);
    if (options_.contents.history) plan.items = plan_repair(context_, plan.list, catalog, damaged);
    return plan;
  }

  void begin_report(const RepositoryList& list) {
    report_.emplace();
    report_->add({{"run", summary_.run.str()},
                  {"program", context_.program},
                  {"host", context_.host},
                  {"repositories", list.repositories.size()}});
  }

  // Damaged, and not to be had: the user must know.
  void tell_of_the_irreparable(const RepositoryList& list) {
    if (!options_.repair) return;
    if (!options_.contents.history) return tell_of_history_left_alone(*options_.repair);
    for (const auto& [key, damaged] : *options_.repair) {
      const auto is_it = [&](const Repository& repository) { return repository.id == key.second; };
      if (key.first == context_.host &&
          std::any_of(list.repositories.begin(), list.repositories.end(), is_it))
        continue;
      tell({.repository = damaged.name,
            .id = key.second,
            .kind = OutcomeKind::failed,
            .error = Error(ErrorKind::not_found,
                           "it is damaged, and none of the repositories that this run may fetch: what "
                           "verify says can still be restored is all there is")});
    }
  }

  void tell_of_history_left_alone(const DamagedRepositories& repair) {
    for (const auto& [key, damaged] : repair)
      tell({.repository = damaged.name,
            .id = key.second,
            .kind = OutcomeKind::failed,
            .error = Error(ErrorKind::invalid,
                           "its history is damaged, and --no-git leaves that alone: repair without it")});
  }

  void tell(const Outcome& outcome) {
    keep({.outcome = outcome, .update = {}});
    context_.observer.finished(outcome);
  }

  void keep(RepositoryResult result) {
    if (result.update) updates_.push_back(std::move(*result.update));
    add_to_report(to_json(result.outcome));
    summary_.outcomes.push_back(std::move(result.outcome));
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

  void write_report() {
    summary_.finished = context_.clock.now();
    summary_.api_requests = github_.request_count();
    add_to_report(closing_line(summary_));
    try {
      if (report_ && !report_->commit(context_.vault.store(), run_report_key(summary_.run)))
        throw Error(ErrorKind::internal, "the vault already has an object " + run_report_key(summary_.run));
    } catch (const Error& error) {
      lose_report(error);
    }
  }

  const BackupContext& context_;
  GitHub& github_;
  const RunOptions& options_;
  const StopTokens& stops_;
  MemoryBudget& memory_;

  RunSummary summary_;
  std::vector<CatalogUpdate> updates_;
  std::optional<RunReport> report_;
};

}  // namespace

RunSummary backup_account(const BackupContext& context, GitHub& github, const RunOptions& options,
                          MemoryBudget& memory, const StopTokens& stops) {
  return AccountRun(context, github, options, memory, stops).run();
}

void require_something(const RepositoryList& list) {
  if (!list.repositories.empty() || list.is_proved_empty) return;
  if (!list.problems.empty()) {
    const auto& first = list.problems.front();
    throw list.problems.size() == 1
        ? first.error
        : Error(first.error.kind(),
                fmt::format("nothing that was named can be backed up: {}", first.error.message()));
  }
  if (list.seen > 0) {
    throw Error(ErrorKind::invalid,
                fmt::format("the filters leave none of {} repositories: look at --include, --exclude, "
                            "--skip-forks, --skip-archived and --only-owner",
                            list.seen));
  }
  throw Error(ErrorKind::not_found,
              "GitHub lists no repository at all: the token may lack the permission to see them (a classic "
              "token needs the scope repo, a fine-grained one access to repositories)");
}

}  // namespace hubkeep
