// What a run writes at its end, whether it came to its end or was stopped. First the names of zips, then the
// catalog, which forgets zips that could not be named; then the state. What cannot be written is a problem of
// the run, and the next run makes up for it.
#include "run/run_summary.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "backup/git_backup.h"
#include "backup/zip_names.h"
#include "vault/attachments_part.h"
#include "vault/losses.h"
#include "vault/meta_part.h"
#include "vault/releases_part.h"

namespace hubkeep {
namespace {

constexpr ByteCount kTransferOfNote = ByteCount{1} << 20;
constexpr std::size_t kLongestMessage = 1000;  // in the state, which every run reads

bool lacks_anything(const Outcome& outcome) {
  return outcome.refs_vanished || !outcome.left_out.empty() || outcome.missing_objects > 0;
}

bool is_given_up(const LostForGood& lost) {
  return lost.id != 0 && !lost.is_whole_again;
}

}  // namespace

bool RunSummary::is_good() const {
  return count(OutcomeKind::failed) == 0 && std::none_of(outcomes.begin(), outcomes.end(), lacks_anything) &&
         run_problems.empty() && losses.empty() && alarms.empty() &&
         std::none_of(lost_for_good.begin(), lost_for_good.end(), is_given_up);
}

std::size_t RunSummary::count(OutcomeKind kind) const {
  return static_cast<std::size_t>(std::count_if(
      outcomes.begin(), outcomes.end(), [&](const Outcome& outcome) { return outcome.kind == kind; }));
}

FileCounts RunSummary::files(std::string_view part) const {
  FileCounts counts;
  for (const Outcome& outcome : outcomes)
    for (const PartOutcome& each : outcome.parts)
      if (part.empty() || each.part == part) counts += each.files;
  return counts;
}

DocumentCounts RunSummary::documents() const {
  DocumentCounts counts;
  for (const Outcome& outcome : outcomes)
    for (const PartOutcome& part : outcome.parts) counts += part.documents;
  return counts;
}

std::uint64_t RunSummary::git_requests() const {
  const std::array<std::string_view, 3> of_the_api = {kReleasesPart, kMetaPart, kAttachmentsPart};
  std::uint64_t requests = 0;
  for (const Outcome& outcome : outcomes) {
    requests += outcome.requests;
    for (const PartOutcome& part : outcome.parts)
      if (std::find(of_the_api.begin(), of_the_api.end(), part.part) != of_the_api.end())
        requests -= std::min(requests, part.requests);
  }
  return requests;
}

// Not stopped by the stop that ended the run: what is finished must be kept.
void write_catalog(Vault& vault, const std::string& day, std::vector<CatalogUpdate> updates,
                   const Notice& notice, RunSummary& summary) {
  std::vector<ZipRecord> zips;
  for (const Outcome& outcome : summary.outcomes)
    if (outcome.zip) zips.push_back(*outcome.zip);
  name_zips(vault, day, zips, updates, summary.run_problems);
  try {
    vault.update_catalog(updates, notice, {});
  } catch (const Error& error) {
    summary.run_problems.push_back(
        "the catalog could not be written (the next run finds the snapshots all the same): " +
        error.message());
  }
}

// Not stopped by the stop that ended the run either.
void write_state(const BackupContext& context, const std::vector<CatalogUpdate>& updates,
                 RunSummary& summary) {
  std::vector<ObjectKey> back;
  const auto change = [&](HostState& state) {
    for (const Outcome& outcome : summary.outcomes) note_outcome(state, outcome, summary.started);
    for (const CatalogUpdate& update : updates) {
      const auto found = state.repositories.find(update.entry.id);
      if (found != state.repositories.end()) remember_snapshots(found->second, update);
    }
    if (context.absences.accept) accept_absences(state, context.clock.now());
    note_losses(state, summary.outcomes);
    accept_losses(state, summary.lost_for_good, summary.started);
    back = take_back(context.vault, state);
    // A run that was stopped is not one that a vault must know later.
    if (!summary.stopped) complete_run(state, summary.run, context.clock.now());
  };
  try {
    const HostState state = context.vault.update_state(context.host, change, context.clock, {});
    summary.losses = open_losses(state);
    summary.alarms = absence_alarms(state, context.absences.max_gone);
    for (const ObjectKey& key : back)
      context.observer.notice(key + " was lost, and is there again as it was written");
    for (const OpenLosses& lost : summary.losses) context.observer.lost(lost);
    if (!summary.stopped) summary.newest_run = state.newest_run;
  } catch (const Error& error) {
    summary.run_problems.push_back("what came of this run could not be written into the vault's state: " +
                                   error.message());
    for (const Outcome& outcome : summary.outcomes)
      if (!outcome.losses.empty()) summary.losses.push_back({outcome.repository, outcome.id, outcome.losses});
  }
}

// A run that was stopped, or failed, within a transfer of the history.
bool has_lost_a_transfer(const Outcome& outcome) {
  return !is_history_kept(outcome) && outcome.snapshot.empty() && outcome.bytes_received >= kTransferOfNote;
}

void note_outcome(HostState& state, const Outcome& outcome, UtcTime now) {
  if (outcome.id == 0 || outcome.is_of_old_zip) return;  // nothing that the vault could know of it
  // What no later run might take back: of an account, and of a gist that none has ever kept.
  const bool is_known = state.repositories.contains(outcome.id);
  if (outcome.id.kind() == SubjectKind::account) return;
  if (outcome.id.kind() == SubjectKind::gist && outcome.error && !outcome.was_begun && !is_known) return;
  RepositoryState& repository = state.repositories[outcome.id];
  repository.name = outcome.repository;
  repository.is_private = outcome.is_private;
  if (outcome.kind == OutcomeKind::not_done) {
    repository.was_cut = repository.was_cut || has_lost_a_transfer(outcome);
    return;
  }
  repository.was_cut = has_lost_a_transfer(outcome);
  repository.checked_at = now;
  if (outcome.error) {
    const UtcTime since = repository.failure ? repository.failure->since : now;
    repository.failure = Failure{.since = since,
                                 .kind = outcome.error->kind(),
                                 .message = outcome.error->message().substr(0, kLongestMessage)};
    return;
  }
  repository.failure.reset();
  if (outcome.kind == OutcomeKind::saved || outcome.kind == OutcomeKind::unchanged)
    repository.absence.reset();
  if (outcome.kind == OutcomeKind::gone && !repository.absence)
    repository.absence = Absence{.since = now, .accepted_at = std::nullopt};
}

nlohmann::ordered_json closing_line(const RunSummary& summary) {
  return {{"finished", format_time(summary.finished)},
          {"stopped", summary.stopped},
          {"api_requests", summary.api_requests},
          {"problems", summary.run_problems}};
}

}  // namespace hubkeep
