#include "drill/drill_vault.h"

#include <fmt/format.h>

#include <map>
#include <set>

#include "base/text.h"
#include "drill/choose_repositories.h"
#include "drill/drill_repository.h"
#include "drill/drills.h"
#include "drill/scratch.h"
#include "vault/select_snapshot.h"

namespace hubkeep {
namespace {

ByteCount free_space(const std::filesystem::path& place) {
  std::error_code error;
  const auto space = std::filesystem::space(place, error);
  return error ? std::numeric_limits<ByteCount>::max() : space.available;
}

class Drill {
 public:
  Drill(Vault& vault, Clock& clock, const DrillOptions& options, DrillObserver& observer,
        const std::stop_token& stop)
      : vault_(vault),
        clock_(clock),
        options_(options),
        observer_(observer),
        stop_(stop),
        scratch_(options.temp_dir) {}

  void run(DrillReport& report) {
    catalog_ = vault_.load_catalog(notice_of(observer_), stop_);
    const std::vector<DrillChoice> choices = choose(report);
    if (choices.empty() && report.too_large.empty())
      throw Error(ErrorKind::not_found, "the vault holds no history that could be restored");
    observer_.selected(choices.size());
    const DrillContext context{.vault = vault_,
                               .clock = clock_,
                               .options = options_,
                               .scratch = scratch_.path(),
                               .observer = observer_,
                               .stop = stop_};
    for (const DrillChoice& choice : choices) {
      report.outcomes.push_back(drill_repository(context, catalog_.at(choice.key), choice.as));
      observer_.finished(report.outcomes.back());
    }
  }

 private:
  std::vector<DrillChoice> choose(DrillReport& report) {
    if (!options_.repositories.empty()) return named();
    std::vector<DrillChoice> all;
    std::vector<DrillCandidate> candidates;
    const ByteCount disk = free_space(scratch_.path());
    for (const auto& [key, entry] : catalog_) {
      if (entry.newest.empty()) continue;
      all.push_back({.key = key, .as = ChosenAs::all});
      candidates.push_back({.key = key, .size = entry.size, .last_drilled = {}});
      if (!options_.all && entry.size > disk) report.too_large.push_back(entry.listing.full_name);
    }
    if (options_.all) return all;
    const auto last = find_last_drilled(vault_.objects(), notice_of(observer_), stop_);
    for (DrillCandidate& candidate : candidates)
      if (const auto found = last.find(candidate.key); found != last.end())
        candidate.last_drilled = found->second;
    report.count = options_.count;
    return choose_repositories(std::move(candidates), options_.count, options_.seed, disk);
  }

  std::vector<DrillChoice> named() const {
    std::vector<DrillChoice> choices;
    std::set<SubjectKey> seen;
    for (const std::string& name : options_.repositories) {
      const CatalogEntry& entry = find_repository(catalog_, name, vault_.command("list"));
      if (seen.insert(entry.key()).second) choices.push_back({.key = entry.key(), .as = ChosenAs::named});
    }
    return choices;
  }

  Vault& vault_;
  Clock& clock_;
  const DrillOptions& options_;
  DrillObserver& observer_;
  const std::stop_token& stop_;
  const DrillScratch scratch_;
  Catalog catalog_;
};

// It is the reader's rather than the vault's: the exercise is worth no less where nothing may be written.
void keep(Vault& vault, const DrillReport& report, DrillObserver& observer) {
  try {
    if (vault.identity_damage())
      throw Error(ErrorKind::invalid, "nothing is added to a vault without hubkeep.json");
    keep_drill(vault.objects(), report);
  } catch (const Error& error) {
    observer.notice(fmt::format("the result is not kept in the vault: {}", error.message()));
  }
}

}  // namespace

DrillReport drill_vault(Vault& vault, Clock& clock, const DrillOptions& options, DrillObserver& observer,
                        const std::stop_token& stop) {
  const UtcTime started = clock.now();
  DrillReport report{.drill = SnapshotId::make(started),
                     .program = options.program,
                     .vault = vault.id(),
                     .place = vault.objects().description(),
                     .started = started,
                     .finished = started,
                     .seed = options.seed,
                     .against_github = options.github != nullptr};
  Drill(vault, clock, options, observer, stop).run(report);
  report.finished = clock.now();
  report.stopped = report.totals().not_done > 0;
  keep(vault, report, observer);
  return report;
}

}  // namespace hubkeep
