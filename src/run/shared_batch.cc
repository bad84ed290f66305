// A worker has as much time as one invocation. What it cannot do in that comes back as a batch, for another
// invocation to go on with, and a repository that was cut off in the middle is counted: it comes first the
// next time, in slices, from where it was, and after three times without even one slice it has failed
// (SharedRun.CountsWhatIsCutOffAndGivesItUpInTheEnd).
//
// A repository with a large set of files comes back with the number of shares that the set was divided into.
// Its history and the names of the files are in a snapshot by then. Workers fetch the shares at the same time
// and only store: whoever goes on with the batch afterwards finds in the vault what they have stored, fetches
// what they have not, and names all of it. So a share that fails, or whose worker dies, costs no more than
// that (SharedRunOfManyObjects.WhatAShareCouldNotBringTheRepositoryFetches).
#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/text.h"
#include "run/batch.h"
#include "run/shared_names.h"
#include "run/shared_run.h"
#include "vault/zip_record.h"

namespace hubkeep {
namespace {

using Json = nlohmann::ordered_json;

// How often a repository that gains nothing within a whole invocation is tried.
constexpr int kMaxCuts = 3;

// What was cut off first: it gets the longest time now.
std::vector<WorkItem> cut_first(const std::vector<WorkItem>& items) {
  std::vector<WorkItem> ordered;
  for (int cuts = kMaxCuts; cuts >= 0; --cuts)
    for (const bool has_gained : {true, false})
      for (const WorkItem& item : items)
        if (std::min(item.cuts, kMaxCuts) == cuts && item.has_gained == has_gained) ordered.push_back(item);
  return ordered;
}

// What one of the workers has of a batch whose large sets are divided.
std::vector<WorkItem> of_share(const std::vector<WorkItem>& items, int share) {
  std::vector<WorkItem> shares;
  for (const WorkItem& item : items) {
    if (item.shares < share) continue;
    shares.push_back(item);
    shares.back().share = share;
  }
  return shares;
}

class BatchWork {
 public:
  explicit BatchWork(int number) : left_({{"number", number}, {"items", Json::array()}}) {}

  void keep(const WorkItem& item, RepositoryResult result) {
    if (item.share > 0) return keep_share(item, std::move(result));
    if (result.outcome.kind == OutcomeKind::not_done) try_again(item, result);
    const bool is_worth_a_line =
        result.outcome.kind != OutcomeKind::not_done || result.update || has_gained(result.outcome);
    if (is_worth_a_line) report_.add(to_json(result));
    summary_.outcomes.push_back(std::move(result.outcome));
  }

  BatchSummary finish(const BackupContext& context, const BatchRequest& request) {
    report_.add({{"api_requests", context.github.request_count()}});
    summary_.attempt =
        commit_result(context.vault.objects(), report_, request.run, {left_.at("number"), request.attempt});
    summary_.is_done = left_.at("items").empty();
    summary_.left = std::move(left_);
    return std::move(summary_);
  }

 private:
  // Whether the repository is saved, its own worker says.
  void keep_share(const WorkItem& item, RepositoryResult result) {
    Outcome& outcome = result.outcome;
    const bool goes_on = outcome.kind == OutcomeKind::not_done && (has_gained(outcome) || !outcome.was_begun);
    if (goes_on) left_["items"].push_back(to_json(item));
    outcome.kind = OutcomeKind::not_done;
    outcome.detail.clear();
    outcome.error.reset();
    for (PartOutcome& part : outcome.parts) {
      const bool has_saved = part.files.saved > 0;
      part = {.part = part.part,
              .kind = has_saved ? PartOutcomeKind::saved : PartOutcomeKind::unchanged,
              .files = part.files};
    }
    if (has_gained(outcome)) report_.add(to_json(result));
    summary_.outcomes.push_back(std::move(outcome));
  }

  void try_again(const WorkItem& item, RepositoryResult& result) {
    WorkItem again = item;
    if (const int shares = shares_of(result.outcome); shares > 0) {
      again.shares = shares;
      summary_.shares = std::max(summary_.shares, shares);
      left_["items"].push_back(to_json(again));
      return;
    }
    const bool gained = has_gained(result.outcome);
    // What only waited was not cut off: SharedRun.DoesNotCountWhatOnlyWaitedForGitHubsLimit. A slice or a
    // file that came begins the count anew.
    if (result.outcome.was_begun) again.cuts = gained ? 0 : item.cuts + 1;
    again.has_gained = item.has_gained || gained;
    // One that was cut before it could ask knows nothing better than the attempt before.
    if (gained || !result.open.empty()) again.open = std::move(result.open);
    if (again.cuts < kMaxCuts) {
      left_["items"].push_back(to_json(again));
      return;
    }
    result.outcome.kind = OutcomeKind::failed;
    result.outcome.error = Error(ErrorKind::transient, what_is_too_large(again, result.outcome));
  }

  static std::string what_is_too_large(const WorkItem& item, const Outcome& outcome) {
    const std::string came = outcome.bytes_received == 0
                                 ? std::string("nothing of it came")
                                 : fmt::format("{} came the last time", human_size(outcome.bytes_received));
    const std::string what = "not even " + what_was_under_way(item, outcome);
    return fmt::format(
        "the time of an invocation was over in the middle of it {} times, and {} was whole by then ({}): run "
        "hubkeep once where it may take longer, the next run goes on from there",
        item.cuts, what, came);
  }

  // Files come after the history.
  static std::string what_was_under_way(const WorkItem& item, const Outcome& outcome) {
    for (const PartOutcome& part : outcome.parts)
      if (!part.unfinished.empty()) return part.unfinished;
    if (item.open.empty()) return "a slice of it";
    return fmt::format("commit {}, the next of its history,", item.open.front().hex());
  }

  Json left_;
  RunReport report_;
  BatchSummary summary_;
};

}  // namespace

BatchSummary work_on_batch(const BackupContext& context, MemoryBudget& memory, const WorkOptions& options,
                           const BatchRequest& request) {
  const Batch batch(request.batch);
  BatchWork work(batch.number());
  const auto items = request.share > 0 ? of_share(batch.items(), request.share) : cut_first(batch.items());
  context.observer.selected(items.size());
  WorkOptions dated = options;
  dated.day = zip_day(request.run.time());
  dated.may_spread = true;
  work_through(context, memory, dated, items,
               [&](const WorkItem& item, RepositoryResult result) { work.keep(item, std::move(result)); });
  // Beyond this point every snapshot of this batch exists; the result makes them known to the end of the run.
  return work.finish(context, request);
}

}  // namespace hubkeep
