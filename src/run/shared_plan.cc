// The plan lists the account, tells of all that needs no work and cuts the rest into batches. plan.json is
// written last: a plan that was killed before that has started nothing. Its result object says of each
// repository which batch it is in, which is how the end of the run knows what is missing.
#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "run/accounting.h"
#include "run/batch.h"
#include "run/begin_state.h"
#include "run/shared_names.h"
#include "run/shared_run.h"
#include "vault/losses.h"
#include "vault/zip_record.h"

namespace hubkeep {
namespace {

using Json = nlohmann::ordered_json;

// GitHub answers at most 100 requests of one account at a time, and asks for far fewer: all workers together.
constexpr int kTransfersAtOnce = 40;
// So many batches for each worker that one which takes long does not keep the others waiting at the end.
constexpr std::size_t kBatchesPerWorker = 4;
constexpr std::size_t kFewestItems = 10;
constexpr std::size_t kMostItems = 100;
class Planner {
 public:
  Planner(const BackupContext& context, const RunOptions& options) : context_(context), options_(options) {}

  SharedPlan run(const std::string& name, const std::stop_token& stop) {
    const UtcTime started = context_.clock.now();
    plan_.run = SnapshotId::make(started);
    plan_.key = shared_run_folder(plan_.run) + "plan.json";
    VaultObjects& objects = context_.vault.objects();
    const Notice notice = notice_of(context_.observer);
    const Leftovers leftovers = objects.clean_up(options_.stale_after, notice);
    Catalog catalog = context_.vault.load_catalog(notice, stop);
    // Else the end of the run would find snapshots without a catalog, and read them all.
    context_.vault.update_catalog({}, notice, stop);
    const RunPlan run = plan_run(context_, options_.selection, catalog, stop);
    const RepositoryList& list = run.list;
    tell_of_the_future(context_, catalog);
    context_.observer.selected(run.items.size() + list.problems.size() + run.told.size());
    plan_.repositories = list.repositories.size();
    report_.add({{"run", plan_.run.str()},
                 {"name", name},
                 {"program", context_.program},
                 {"host", context_.host},
                 {"started", format_time(started)},
                 {"repositories", plan_.repositories},
                 {"stale_removed", leftovers.removed},
                 {"stale_removed_bytes", leftovers.removed_bytes},
                 {"left_over", leftovers.left},
                 {"left_over_bytes", leftovers.bytes},
                 {"api_requests", context_.github.request_count()}});
    for (const auto& problem : list.problems)
      tell({.repository = problem.name, .kind = OutcomeKind::failed, .error = problem.error});
    for (const Outcome& outcome : run.told) tell(outcome);
    const ZipBackup zips(context_, options_.contents.zips, zip_day(started));
    write_batches(sort_out(run.items, zips));
    return plan_;
  }

 private:
  std::vector<const WorkItem*> sort_out(const std::vector<WorkItem>& items, const ZipBackup& zips) {
    std::vector<const WorkItem*> to_do;
    for (const WorkItem& item : items) {
      if (options_.contents.history && needs_nothing(context_, item) &&
          (!item.id().is_repository() || zips.has_zip_of(*item.known))) {
        tell({.repository = item.name(), .id = item.id(), .is_private = item.is_private()});
        ++plan_.unchanged;
      } else {
        to_do.push_back(&item);
      }
    }
    return to_do;
  }

  void tell(const Outcome& outcome) {
    report_.add(to_json(RepositoryResult{.outcome = outcome, .update = {}}));
    context_.observer.finished(outcome);
  }

  // The results object first: what is in plan.json must be known to the end of the run.
  void write_batches(const std::vector<const WorkItem*>& items) {
    const int workers = std::max(1, kTransfersAtOnce / options_.jobs);
    const auto counts = cut_into_batches(weights_of(items), limits_for(items.size(), workers));
    plan_.batches = counts.size();
    plan_.concurrency =
        static_cast<int>(std::clamp<std::size_t>(counts.size(), 1, static_cast<std::size_t>(workers)));
    VaultObjects& objects = context_.vault.objects();
    RecordedWriter writer = objects.create("", plan_.key);
    writer.write("[");
    auto item = items.begin();
    for (std::size_t i = 0; i < counts.size(); ++i) {
      const int number = static_cast<int>(i) + 1;
      Json batch = {{"number", number}, {"items", Json::array()}};
      for (std::size_t n = 0; n < counts[i]; ++n, ++item) {
        batch["items"].push_back(to_json(**item));
        Json line = {{"batch", number},
                     {"repository", (*item)->name()},
                     {"id", (*item)->id()},
                     {"private", (*item)->is_private()}};
        add_kind(line, (*item)->id());
        report_.add(line);
      }
      writer.write((i == 0 ? "\n" : ",\n") + batch.dump());
    }
    writer.write("\n]\n");
    commit_result(objects, report_, plan_.run, {0, 1});
    if (!writer.commit_if_absent())
      throw Error(ErrorKind::internal, "the vault already has an object " + plan_.key);
  }

  static std::vector<ItemWeight> weights_of(const std::vector<const WorkItem*>& items) {
    std::vector<ItemWeight> weights;
    weights.reserve(items.size());
    for (const WorkItem* item : items) {
      const bool is_new = item->kind == WorkKind::back_up && item->known == nullptr;
      weights.push_back(
          {.fetched = is_new ? item->repository->size : 0, .json = to_json(*item).dump().size()});
    }
    return weights;
  }

  static BatchLimits limits_for(std::size_t items, int workers) {
    const std::size_t share = items / (kBatchesPerWorker * static_cast<std::size_t>(workers));
    return {.items = std::clamp(share, kFewestItems, kMostItems)};
  }

  const BackupContext& context_;
  const RunOptions& options_;
  SharedPlan plan_;
  RunReport report_;
};

}  // namespace

SharedPlan plan_shared_run(const BackupContext& context, const RunOptions& options, const std::string& name,
                           const std::stop_token& stop) {
  return Planner(context, options).run(name, stop);
}

}  // namespace hubkeep
