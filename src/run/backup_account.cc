// The order is what makes a run safe to kill. The state is begun before the first object is written, each
// repository commits its own snapshots, and only then come the names of the zips, the catalog, the state and
// the report. Whatever of these is missing, the next run finds the snapshots by themselves.
//
// Every repository ends as one outcome. Those that GitHub has not listed have theirs from the plan, and the
// workers make the others. What befalls the run as a whole is one of its problems and keeps no repository
// from being saved (BackupAccount.GoesOnWhenTheCatalogCannotBeWritten, GoesOnWhenItsReportCannotBeWritten).
#include "run/backup_account.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "backup/listing_of.h"
#include "base/caught_error.h"
#include "base/error.h"
#include "base/text.h"
#include "run/accounting.h"
#include "run/begin_state.h"
#include "vault/losses.h"
#include "vault/run_report.h"
#include "vault/zip_record.h"

namespace hubkeep {
namespace {

constexpr std::chrono::minutes kCatalogInterval{30};

class AccountRun {
 public:
  AccountRun(const BackupContext& context, const RunOptions& options, MemoryBudget& memory,
             const StopTokens& stops)
      : context_(context), options_(options), stops_(stops), memory_(memory) {}

  RunSummary run() {
    summary_.started = context_.clock.now();
    catalog_written_ = summary_.started;
    summary_.run = SnapshotId::make(summary_.started);
    summary_.vault = context_.vault.id();
    summary_.vault_is_new = context_.vault.is_new();
    summary_.leftovers = context_.vault.objects().clean_up(options_.stale_after, notice());
    Catalog catalog = context_.vault.load_catalog(notice(), stops_.stop);
    const RunPlan plan = options_.repair ? plan_of_repair(catalog, *options_.repair)
                                         : plan_run(context_, options_.selection, catalog, stops_.stop);
    // Beyond this point GitHub has told its time, if it tells any.
    tell_of_the_future(context_, catalog);
    const std::string day = zip_day(context_.by_github(summary_.started));
    begin_report(plan.list);
    ZipRepair zips(context_, day, catalog);
    zips.find(options_.damaged_zips, summary_.run_problems, stops_.stop);
    context_.observer.selected(plan.list.problems.size() + plan.items.size() + plan.told.size() +
                               zips.size());
    if (options_.repair && options_.repair->empty() && options_.damaged_zips.empty() &&
        options_.lost_of_vault.empty())
      context_.observer.notice("verify has found no damage: there is nothing to repair");
    for (const auto& problem : plan.list.problems)
      tell({.repository = problem.name, .kind = OutcomeKind::failed, .error = problem.error});
    for (const Outcome& outcome : plan.told) tell(outcome);
    if (options_.repair) give_up_what_is_gone(plan.list, *options_.repair);
    work_through(context_, memory_,
                 {.jobs = options_.jobs, .stops = stops_, .contents = options_.contents, .day = day},
                 plan.items, [this](const WorkItem&, RepositoryResult result) { keep(std::move(result)); });
    zips.fetch({.list = plan.list,
                .memory = memory_,
                .jobs = static_cast<std::size_t>(options_.jobs),
                .stops = stops_},
               [this](RepositoryResult result) { keep(std::move(result)); });
    // Beyond this point every snapshot of this run exists; what follows makes the next run quick and this one
    // known.
    if (options_.repair) give_up_what_is_replaced(*options_.repair);
    summary_.stopped = stops_.stop.stop_requested() || stops_.last_call.stop_requested();
    write_catalog(context_.vault, day, updates_, notice(), summary_);
    zips.write_down(summary_.run_problems);
    write_state(context_, updates_, summary_);
    write_report();
    return std::move(summary_);
  }

 private:
  Notice notice() const { return notice_of(context_.observer); }

  RunPlan plan_of_repair(Catalog& catalog, const Findings& damaged) {
    RunPlan plan;
    // Of what is to be repaired, there may be no repository left.
    plan.list = context_.github.list_repositories(options_.selection, stops_.stop);
    for (const std::string& text : plan.list.notices) context_.observer.notice(text);
    recall_snapshots(catalog, begin_state(context_, catalog, stops_.stop));
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

  // What is on GitHub, but was not listed, can be had: only what GitHub has no longer is given up.
  // RunLosses.OfWhatGitHubHasNoLongerAreGivenUpOnceAndOfTheRestNot.
  void give_up_what_is_gone(const RepositoryList& list, const Findings& repair) {
    if (!options_.contents.history) return tell_of_history_left_alone(repair);
    for (const auto& [key, damaged] : repair) {
      const auto is_it = [&](const Repository& repository) { return subject_of(repository) == key.id; };
      const bool is_listed =
          std::any_of(list.repositories.begin(), list.repositories.end(), is_it) && key.id != 0;
      if (is_here(key, damaged) && is_listed) continue;
      if (const auto error = why_not_given_up(key, damaged))
        tell({.repository = damaged.repository, .id = key.id, .kind = OutcomeKind::failed, .error = error});
      else
        give_up(key.id, damaged, false);
    }
    const auto of_vault = options_.lost_of_vault.find(context_.host);
    if (of_vault != options_.lost_of_vault.end())
      summary_.lost_for_good.push_back({.repository = {}, .objects = of_vault->second});
  }

  // Without an id, nobody knows whose a folder was: then its own place says of which host.
  bool is_here(const SubjectKey& key, const Finding& damaged) const {
    if (key.id != 0) return key.host == context_.host;
    const std::string host = encode_name(context_.host) + "/";
    return std::all_of(damaged.objects.begin(), damaged.objects.end(), [&](const ObjectKey& object) {
      return std::any_of(kSubjectRoots.begin(), kSubjectRoots.end(), [&](const SubjectRoot& root) {
        return object.starts_with(root.folder) && object.substr(root.folder.size()).starts_with(host);
      });
    });
  }

  std::optional<Error> why_not_given_up(const SubjectKey& key, const Finding& damaged) {
    const std::string begin = "it is damaged, and none of the repositories that this run may fetch";
    if (!is_here(key, damaged))
      return Error(ErrorKind::not_found, fmt::format("{}: it is of {}", begin, printable(key.host)));
    if (key.id == 0) return std::nullopt;
    if (key.id.kind() == SubjectKind::account)
      return Error(ErrorKind::invalid,
                   fmt::format("it is damaged, and it is the account {}, which this version cannot back up",
                               key.id.str()));
    if (key.id.kind() == SubjectKind::gist) return why_gist_is_not_given_up(key.id.str());
    try {
      const auto name = context_.github.full_name_of(key.id.number(), stops_.stop);
      if (!name) return std::nullopt;
      return Error(ErrorKind::not_found,
                   fmt::format("{}, but GitHub has it: repair it with --repo {}", begin, printable(*name)));
    } catch (const Error& error) {
      if (error.kind() == ErrorKind::cancelled) throw;
      return error;
    }
  }

  std::optional<Error> why_gist_is_not_given_up(const std::string& id) {
    const std::string begin = fmt::format("it is damaged, and it is the gist {}", id);
    if (options_.selection.gists == Wish::none)
      return Error(ErrorKind::invalid,
                   begin + ", which a run without gists cannot back up: repair it with --with gists");
    const std::vector<RepositoryIdentity> known = {{.gist = id}};
    const RepositoryAnswer answer = context_.github.repositories_by_id(known, stops_.stop).at(0);
    if (answer.error) return answer.error;
    if (!answer.repository) return std::nullopt;
    return Error(
        ErrorKind::not_found,
        fmt::format("{}, which this run does not fetch, but GitHub has it: repair it with --repo gist:{}",
                    begin, id));
  }

  void give_up(const SubjectId& id, const Finding& damaged, bool is_whole_again) {
    summary_.lost_for_good.push_back({.repository = damaged.repository,
                                      .id = id,
                                      .objects = damaged.objects,
                                      .is_whole_again = is_whole_again,
                                      .newest_restorable = damaged.newest_restorable});
  }

  // A new snapshot needs none of what was lost, and says so.
  void give_up_what_is_replaced(const Findings& repair) {
    for (const Outcome& outcome : summary_.outcomes) {
      const auto damaged = repair.find({context_.host, outcome.id});
      const bool is_saved = !outcome.is_of_old_zip && !outcome.error && !outcome.snapshot.empty();
      if (is_saved && damaged != repair.end()) give_up_replaced(outcome, damaged->second);
    }
  }

  // But for what a part needs that this version does not know, and so cannot fetch again.
  void give_up_replaced(const Outcome& outcome, Finding damaged) {
    const auto is_needed = [&](const ObjectKey& key) {
      return std::any_of(outcome.still_needed.begin(), outcome.still_needed.end(),
                         [&](const std::string& needed) {
                           return needed.starts_with('/') ? "/" + key == needed : key.ends_with("/" + needed);
                         });
    };
    const auto needed = std::find_if(damaged.objects.begin(), damaged.objects.end(), is_needed);
    if (needed != damaged.objects.end())
      summary_.run_problems.push_back(
          fmt::format("{}: {} stays lost: its newest snapshot needs it, and only the version of hubkeep that "
                      "saved it can fetch it again",
                      printable(outcome.repository), *needed));
    std::erase_if(damaged.objects, is_needed);
    leave_what_is_mended(outcome, damaged);
    if (!damaged.objects.empty()) give_up(outcome.id, damaged, true);
  }

  // What a repair was told is lost, and its snapshot does not call so, was fetched again to where it was.
  void leave_what_is_mended(const Outcome& outcome, Finding& damaged) const {
    const auto update = std::find_if(updates_.begin(), updates_.end(), [&](const CatalogUpdate& each) {
      return each.entry.id == outcome.id && each.entry.host == context_.host;
    });
    if (update == updates_.end()) return;
    const std::string& folder = update->entry.folder;
    std::vector<std::string> lost;
    const auto error = caught_error([&] {
      lost = context_.vault.read_manifest(folder, outcome.snapshot, std::nullopt, {}).manifest.lost;
    });
    if (error) return;
    for (const std::string& key : damaged.lost) {
      if (std::find(lost.begin(), lost.end(), key) != lost.end()) continue;
      const ObjectKey mended = resolve_key(folder, key);
      if (std::erase(damaged.objects, mended) > 0)
        context_.observer.notice(mended + " was lost, and is there again as it was written");
    }
  }

  void tell_of_history_left_alone(const Findings& repair) {
    for (const auto& [key, damaged] : repair)
      tell({.repository = damaged.repository,
            .id = key.id,
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
    write_catalog_now_and_then();
    add_to_report(to_json(result.outcome));
    summary_.outcomes.push_back(std::move(result.outcome));
  }

  // In a long run, so that the next one knows what this one has saved, should it be killed. Without zips:
  // these are named before the catalog knows of them, at the end, which makes all of these updates again.
  void write_catalog_now_and_then() {
    if (context_.clock.now() - catalog_written_ < kCatalogInterval) return;
    std::vector<CatalogUpdate> updates;
    for (std::size_t i = in_catalog_; i < updates_.size(); ++i) {
      if (updates_[i].entry.newest.empty()) continue;
      updates.push_back(updates_[i]);
      updates.back().entry.zip.reset();
    }
    catalog_written_ = context_.clock.now();
    try {
      context_.vault.update_catalog(updates, notice(), {});
      in_catalog_ = updates_.size();
    } catch (const Error& error) {
      context_.observer.notice("the catalog could not be written yet: " + error.message());
    }
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
    summary_.api_requests = context_.github.request_count();
    add_to_report(closing_line(summary_));
    try {
      if (report_ && !report_->commit(context_.vault.objects(), run_report_key(summary_.run)))
        throw Error(ErrorKind::internal, "the vault already has an object " + run_report_key(summary_.run));
    } catch (const Error& error) {
      lose_report(error);
    }
  }

  const BackupContext& context_;
  const RunOptions& options_;
  const StopTokens& stops_;
  MemoryBudget& memory_;

  RunSummary summary_;
  std::vector<CatalogUpdate> updates_;
  std::size_t in_catalog_ = 0;  // so many of these the catalog knows, but for their zips
  UtcTime catalog_written_;
  std::optional<RunReport> report_;
};

}  // namespace

RunSummary backup_account(const BackupContext& context, const RunOptions& options, MemoryBudget& memory,
                          const StopTokens& stops) {
  return AccountRun(context, options, memory, stops).run();
}

}  // namespace hubkeep
