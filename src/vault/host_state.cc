// The first line is the host's: its newest run and the losses that belong to no repository. Each further line
// is a repository, in the order of ids. A field without a value is not written, which keeps the object small
// and lets older states be read.
#include "vault/host_state.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/text.h"
#include "store/object_key.h"
#include "vault/json_fields.h"
#include "vault/json_integer.h"
#include "vault/sealed_lines.h"

namespace hubkeep {
namespace {

using Json = nlohmann::ordered_json;

Error corrupt(const std::string& why) {
  return {ErrorKind::corrupt, "state: " + why};
}

std::optional<UtcTime> optional_time(const Json& json, const char* field) {
  return json.contains(field) ? std::optional(time_from_json(json.at(field))) : std::nullopt;
}

Json to_json(const std::vector<Loss>& losses) {
  Json list = Json::array();
  for (const Loss& loss : losses) list.push_back(to_json(loss));
  return list;
}

std::vector<Loss> losses_from_json(const Json& json) {
  std::vector<Loss> losses;
  if (!json.contains("losses")) return losses;
  for (const Json& item : json.at("losses")) losses.push_back(loss_from_json(item));
  return losses;
}

Json to_json(const Absence& absence) {
  Json json = {{"since", format_time(absence.since)}};
  if (absence.accepted_at) json["accepted_at"] = format_time(*absence.accepted_at);
  return json;
}

Json to_json(const Failure& failure) {
  return {
      {"since", format_time(failure.since)}, {"kind", to_string(failure.kind)}, {"message", failure.message}};
}

Failure failure_from_json(const Json& json) {
  return {.since = time_from_json(json.at("since")),
          .kind = parse_error_kind(json.at("kind").get_ref<const std::string&>()),
          .message = json.at("message")};
}

Json head_of(const HostState& state) {
  Json json = {{"host", state.host}, {"vault", state.vault}};
  if (state.newest_run)
    json["newest_run"] = {{"run", state.newest_run->run.str()},
                          {"finished", format_time(state.newest_run->finished)},
                          {"number", state.newest_run->number}};
  if (!state.losses.empty()) json["losses"] = to_json(state.losses);
  return json;
}

void read_head(const Json& json, HostState& state) {
  state.host = json.at("host");
  state.vault = json.at("vault");
  if (json.contains("newest_run")) {
    const Json& newest = json.at("newest_run");
    const auto run = SnapshotId::parse(newest.at("run").get_ref<const std::string&>());
    if (!run) throw corrupt("not a run's id");
    state.newest_run = CompletedRun{.run = *run,
                                    .finished = time_from_json(newest.at("finished")),
                                    .number = integer_from_json<std::uint64_t>(newest.at("number"))};
  }
  state.losses = losses_from_json(json);
}

Json line_of(const SubjectId& id, const RepositoryState& repository) {
  Json json = {{"id", id},
               {"name", repository.name},
               {"folder", repository.folder},
               {"private", repository.is_private},
               {"checked_at", format_time(repository.checked_at)}};
  add_kind(json, id);
  if (repository.failure) json["failure"] = to_json(*repository.failure);
  if (repository.absence) json["absence"] = to_json(*repository.absence);
  if (repository.came_by_star) json["starred"] = true;
  if (repository.was_cut) json["cut"] = true;
  if (!repository.newest.empty()) json["newest"] = to_json(repository.newest);
  if (!repository.losses.empty()) json["losses"] = to_json(repository.losses);
  return json;
}

RepositoryState repository_from_json(SubjectKind kind, const Json& json) {
  RepositoryState repository{.name = json.at("name"),
                             .folder = json.at("folder"),
                             .is_private = json.at("private"),
                             .checked_at = time_from_json(json.at("checked_at"))};
  const std::string& folder = repository.folder;
  // Joined to keys, as the catalog's folders are. HostState.RefusesWhatLeadsOutOfTheVaultOrIsOutOfOrder.
  if (!folder.empty()) with_context("state", [&] { require_folder_of(kind, folder); });
  if (json.contains("failure")) repository.failure = failure_from_json(json.at("failure"));
  if (json.contains("absence")) {
    const Json& absence = json.at("absence");
    repository.absence = Absence{.since = time_from_json(absence.at("since")),
                                 .accepted_at = optional_time(absence, "accepted_at")};
  }
  repository.came_by_star = json.value("starred", false);
  repository.was_cut = json.value("cut", false);
  repository.losses = losses_from_json(json);
  if (json.contains("newest")) repository.newest = previous_from_json(json.at("newest"));
  return repository;
}

void append_open(OpenLosses of, const std::vector<Loss>& losses, std::vector<OpenLosses>& open) {
  std::copy_if(losses.begin(), losses.end(), std::back_inserter(of.losses),
               [](const Loss& loss) { return !loss.accepted_at; });
  if (!of.losses.empty()) open.push_back(std::move(of));
}

}  // namespace

ObjectKey state_key(std::string_view host) {
  return std::string(kStateFolder) + encode_name(host) + ".jsonl.zst";
}

void complete_run(HostState& state, const SnapshotId& run, UtcTime finished) {
  const std::uint64_t number = state.newest_run ? state.newest_run->number : 0;
  // When the answer to a write is lost, the next attempt finds the run's own change.
  // VerifyRuns.ARunThatIsNotedTwiceCountsOnce.
  if (state.newest_run && state.newest_run->run == run) return;
  state.newest_run = CompletedRun{.run = run, .finished = finished, .number = number + 1};
}

bool is_behind(const std::optional<CompletedRun>& newest, const CompletedRun& remembered) {
  if (!newest || newest->number < remembered.number) return true;
  // As many runs as before, but another one last: it was set back, and others have caught up since. No clock
  // is asked, since clocks are set back too. VerifyRuns.NoClockSetsAVaultBack.
  return newest->number == remembered.number && newest->run != remembered.run;
}

std::string older_vault_text(const std::optional<CompletedRun>& newest, const CompletedRun& remembered) {
  return fmt::format(
      "the vault is not what it was: it does not know the run {} of {}, which this machine knows; {}. It was "
      "set back, or an older copy of it is in its place, and what came later is lost",
      remembered.run.str(), format_time(remembered.finished),
      newest ? fmt::format("its newest is {} of {}", newest->run.str(), format_time(newest->finished))
             : "it knows of none");
}

bool add_loss(std::vector<Loss>& losses, const Loss& loss) {
  const bool known =
      std::any_of(losses.begin(), losses.end(), [&](const Loss& other) { return other.key == loss.key; });
  if (!known) losses.push_back(loss);
  return !known;
}

std::vector<OpenLosses> open_losses(const HostState& state) {
  std::vector<OpenLosses> open;
  append_open({}, state.losses, open);
  for (const auto& [id, repository] : state.repositories)
    append_open({.repository = repository.name, .id = id, .losses = {}}, repository.losses, open);
  return open;
}

Json to_json(const Loss& loss) {
  Json json = {{"key", loss.key}, {"detail", loss.detail}, {"found_at", format_time(loss.found_at)}};
  if (loss.accepted_at) json["accepted_at"] = format_time(*loss.accepted_at);
  if (loss.size) json["size"] = *loss.size;
  if (!loss.sha256.empty()) json["sha256"] = loss.sha256;
  return json;
}

Loss loss_from_json(const Json& json) {
  Loss loss{.key = json.at("key"),
            .detail = json.at("detail"),
            .found_at = time_from_json(json.at("found_at")),
            .accepted_at = optional_time(json, "accepted_at")};
  if (!is_valid_key(loss.key)) throw corrupt("not an object's key: " + printable(loss.key));
  if (json.contains("size")) loss.size = integer_from_json<ByteCount>(json.at("size"));
  loss.sha256 = json.value("sha256", "");
  return loss;
}

std::string format_state(const HostState& state) {
  SealedLinesWriter lines("state");
  lines.add(head_of(state));
  for (const auto& [id, repository] : state.repositories) lines.add(line_of(id, repository));
  return lines.finish();
}

HostState parse_state(std::string_view stored) {
  HostState state;
  read_sealed_lines("state", stored, [&](const Json& line) {
    // The first line.
    if (state.host.empty()) return read_head(line, state);
    const SubjectId id = subject_id_from_json(line);
    auto& repositories = state.repositories;
    if (!repositories.empty() && id <= repositories.rbegin()->first) throw corrupt("lines are not in order");
    repositories.emplace_hint(repositories.end(), id, repository_from_json(id.kind(), line));
  });
  if (state.host.empty()) throw corrupt("it names no host");
  return state;
}

}  // namespace hubkeep
