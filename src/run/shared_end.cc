// The plan's result object says what the run is about, and in which batch; the workers' say what came of it.
// All are read in the order of batch and attempt and merged by repository, since an event may come twice
// (SharedRun.DoesNotMindEventsThatComeTwice). A repository without a result has failed: its worker was
// killed, or what that wrote is damaged (SharedRun.TakesABatchWithoutAResultForFailed,
// TakesADamagedResultForNone). Its snapshots, if any, are found by the next run.
#include <fmt/format.h>

#include <map>

#include "base/error.h"
#include "base/json.h"
#include "run/batch.h"
#include "run/shared_names.h"
#include "run/shared_run.h"
#include "vault/lines.h"
#include "vault/zip_record.h"

namespace hubkeep {
namespace {

using Json = nlohmann::ordered_json;

// What plan and workers say of one repository.
struct Merged {
  std::string name;
  int batch = 0;
  bool is_private = false;
  std::optional<Outcome> outcome;
  std::optional<CatalogUpdate> update;
};

// Two results are of two attempts, or of an event that came twice: what succeeded counts.
int rank(OutcomeKind kind) {
  switch (kind) {
    case OutcomeKind::saved:
      return 5;
    case OutcomeKind::gone:
      return 4;
    case OutcomeKind::unchanged:
      return 2;
    case OutcomeKind::failed:
      return 1;
    case OutcomeKind::not_done:
      return 0;
  }
  return 0;
}

Outcome merge(const Outcome& before, const Outcome& after) {
  Outcome merged = rank(after.kind) >= rank(before.kind) ? after : before;
  merged.requests = before.requests + after.requests;
  merged.bytes_received = before.bytes_received + after.bytes_received;
  merged.bytes_stored = before.bytes_stored + after.bytes_stored;
  merged.objects = before.objects + after.objects;
  merged.parts = merge_attempts(before.parts, after.parts);
  merge_losses(merged.losses, rank(after.kind) >= rank(before.kind) ? before.losses : after.losses);
  if (!merged.zip) merged.zip = before.zip ? before.zip : after.zip;
  return merged;
}

// One update that does what both do, one after the other; done twice it does no more.
CatalogUpdate merge(const CatalogUpdate& before, const CatalogUpdate& after) {
  CatalogUpdate merged{.entry = merge_entry(before.entry, after),
                       .supersedes = before.supersedes,
                       .has_new_snapshot = before.has_new_snapshot || after.has_new_snapshot};
  merged.supersedes.insert(merged.supersedes.end(), after.supersedes.begin(), after.supersedes.end());
  return merged;
}

class RunEnd {
 public:
  RunEnd(const BackupContext& context, const SnapshotId& run, const std::stop_token& stop)
      : context_(context), run_(run), stop_(stop) {
    summary_.run = run;
    summary_.vault = context.vault.id();
  }

  RunSummary finish() {
    for (const auto& [order, key] : result_keys()) read(key);
    require_plan();
    std::vector<CatalogUpdate> updates;
    for (auto& [id, merged] : repositories_) {
      summary_.outcomes.push_back(outcome_of(id, merged));
      if (merged.update) updates.push_back(std::move(*merged.update));
    }
    write_catalog(context_.vault, zip_day(run_.time()), updates, notice_of(context_.observer), summary_);
    write_state(context_, updates, summary_);
    write_report();
    return std::move(summary_);
  }

 private:
  // Without it nobody knows what the run was about.
  void require_plan() const {
    if (summary_.started != UtcTime{}) return;
    if (!summary_.run_problems.empty()) throw Error(ErrorKind::corrupt, summary_.run_problems.front());
    throw Error(ErrorKind::not_found, fmt::format("there is no plan of a run {}", run_.str()));
  }

  std::map<ResultOrder, ObjectKey> result_keys() const {
    std::map<ResultOrder, ObjectKey> keys;
    const std::string folder = shared_run_folder(run_);
    context_.vault.objects().list(folder, "", [&](const ObjectInfo& object) {
      if (const auto order = parse_result_name(std::string_view(object.key).substr(folder.size())))
        keys.emplace(*order, object.key);
      return true;
    });
    return keys;
  }

  // A damaged one is as good as none: its batch's repositories have no result then.
  void read(const ObjectKey& key) {
    try {
      LineSplitter lines([&](std::string_view line) { read_line(parse_ordered_json(line)); }, {});
      context_.vault.objects().read(key, lines, stop_);
      lines.finish();
    } catch (const nlohmann::json::exception& error) {
      summary_.run_problems.push_back(fmt::format("{} cannot be read: {}", key, error.what()));
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::corrupt) throw;
      summary_.run_problems.push_back(fmt::format("{} cannot be read: {}", key, error.message()));
    }
  }

  void read_line(const Json& line) {
    if (line.contains("outcome")) {
      add(result_from_json(line));
    } else if (line.contains("batch")) {
      Merged& merged = repositories_[subject_id_from_json(line)];
      merged.batch = line.at("batch");
      merged.name = line.at("repository");
      merged.is_private = line.value("private", false);
    } else {
      read_facts(line);
    }
  }

  void read_facts(const Json& line) {
    summary_.api_requests += line.value("api_requests", std::uint64_t{0});
    if (!line.contains("started")) return;
    summary_.started = parse_time(line.at("started").get_ref<const std::string&>()).value_or(UtcTime{});
    summary_.leftovers = {.removed = line.at("stale_removed"),
                          .removed_bytes = line.value("stale_removed_bytes", ByteCount{0}),
                          .left = line.value("left_over", 0),
                          .bytes = line.value("left_over_bytes", ByteCount{0}),
                          .problems = {}};
    facts_ = line;
  }

  void add(RepositoryResult result) {
    if (result.outcome.id == 0) return summary_.outcomes.push_back(std::move(result.outcome));
    Merged& merged = repositories_[result.outcome.id];
    merged.outcome = merged.outcome ? merge(*merged.outcome, result.outcome) : std::move(result.outcome);
    if (!result.update) return;
    merged.update = merged.update ? merge(*merged.update, *result.update) : std::move(*result.update);
  }

  // A worker that was killed leaves nothing, and one that was stopped what it could not do.
  Outcome outcome_of(const SubjectId& id, const Merged& merged) const {
    if (merged.outcome && merged.outcome->kind != OutcomeKind::not_done) return *merged.outcome;
    Outcome outcome = merged.outcome.value_or(Outcome{
        .repository = merged.name, .id = id, .is_private = merged.is_private, .kind = OutcomeKind::failed});
    outcome.kind = OutcomeKind::failed;
    outcome.error = Error(ErrorKind::transient,
                          fmt::format("batch {} of the run ended without it: what is saved of it stays, the "
                                      "next run goes on from there",
                                      merged.batch));
    context_.observer.finished(outcome);
    return outcome;
  }

  // Ended twice, the report of the first time stays.
  void write_report() {
    summary_.finished = context_.clock.now();
    VaultObjects& objects = context_.vault.objects();
    try {
      if (objects.find(run_report_key(run_))) return;
      RunReport report;
      report.add({{"run", run_.str()},
                  {"name", facts_.at("name")},
                  {"program", facts_.at("program")},
                  {"host", facts_.at("host")},
                  {"repositories", facts_.at("repositories")}});
      for (const Outcome& outcome : summary_.outcomes) report.add(to_json(outcome));
      report.add(closing_line(summary_));
      static_cast<void>(report.commit(objects, run_report_key(run_)));  // false: that of the first time
    } catch (const Error& error) {
      summary_.run_problems.push_back("the run's report could not be written: " + error.message());
    }
  }

  const BackupContext& context_;
  const SnapshotId& run_;
  const std::stop_token& stop_;
  RunSummary summary_;
  Json facts_;
  std::map<SubjectId, Merged> repositories_;
};

}  // namespace

RunSummary finish_shared_run(const BackupContext& context, const SnapshotId& run,
                             const std::stop_token& stop) {
  return RunEnd(context, run, stop).finish();
}

}  // namespace hubkeep
