// The outcome of a repository follows from those of its parts. An error of the repository itself comes first,
// then the first part that failed, but what failed by itself before what only the run's stop has ended. What
// was kept stays counted either way.
#include "backup/outcome.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/error_json.h"
#include "base/text.h"
#include "vault/git_part.h"
#include "vault/json_fields.h"
#include "vault/vault.h"

namespace hubkeep {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::array kKinds = {OutcomeKind::unchanged, OutcomeKind::saved, OutcomeKind::gone,
                               OutcomeKind::failed, OutcomeKind::not_done};

OutcomeKind parse_outcome_kind(const std::string& text) {
  const auto found =
      std::find_if(kKinds.begin(), kKinds.end(), [&](OutcomeKind kind) { return to_string(kind) == text; });
  if (found == kKinds.end()) throw Error(ErrorKind::corrupt, "no result of a backup: " + printable(text));
  return *found;
}

constexpr std::array kPartKinds = {PartOutcomeKind::unchanged, PartOutcomeKind::saved,
                                   PartOutcomeKind::absent, PartOutcomeKind::not_permitted,
                                   PartOutcomeKind::failed};

PartOutcomeKind parse_part_outcome_kind(const std::string& text) {
  const auto found = std::find_if(kPartKinds.begin(), kPartKinds.end(),
                                  [&](PartOutcomeKind kind) { return to_string(kind) == text; });
  if (found == kPartKinds.end())
    throw Error(ErrorKind::corrupt, "not a result of a part: " + printable(text));
  return *found;
}

void add_number(Json& json, const char* name, std::uint64_t number) {
  if (number > 0) json[name] = number;
}

std::uint64_t number_in(const Json& json, const char* name) {
  const auto found = json.find(name);
  return found == json.end() ? 0 : integer_from_json<std::uint64_t>(*found);
}

Json part_to_json(const PartOutcome& part) {
  Json json = {{"part", part.part}, {"result", to_string(part.kind)}};
  if (!part.detail.empty()) json["detail"] = part.detail;
  if (!part.permission.empty()) json["permission"] = part.permission;
  if (part.error) json["error"] = to_json(*part.error);
  if (part.files.saved > 0) {
    json["files"] = part.files.saved;
    json["file_bytes"] = part.files.bytes;
  }
  if (part.files.newly_lacking > 0) json["newly_lacking"] = part.files.newly_lacking;
  add_number(json, "documents", part.documents.saved);
  add_number(json, "documents_gone", part.documents.newly_gone);
  add_number(json, "documents_unexplained", part.documents.unexplained);
  return json;
}

PartOutcome part_from_json(const Json& json) {
  PartOutcome part{.part = json.at("part"), .kind = parse_part_outcome_kind(json.at("result"))};
  part.detail = json.value("detail", "");
  part.permission = json.value("permission", "");
  if (json.contains("error")) part.error = error_from_json(json.at("error"));
  if (json.contains("files"))
    part.files = {.saved = integer_from_json<std::uint64_t>(json.at("files")),
                  .bytes = integer_from_json<ByteCount>(json.at("file_bytes"))};
  if (json.contains("newly_lacking"))
    part.files.newly_lacking = integer_from_json<std::uint64_t>(json.at("newly_lacking"));
  part.documents = {.saved = number_in(json, "documents"),
                    .newly_gone = number_in(json, "documents_gone"),
                    .unexplained = number_in(json, "documents_unexplained")};
  return part;
}

bool has_something_to_tell(const PartOutcome& part) {
  const bool is_quiet = part.kind == PartOutcomeKind::unchanged || part.kind == PartOutcomeKind::absent;
  return !is_quiet || !part.detail.empty() || part.files != FileCounts{} ||
         part.documents != DocumentCounts{};
}

// Of two attempts, the second has the last word, unless it found nothing to do after the first had saved it.
void follow(PartOutcome& part, const PartOutcome& second) {
  const FileCounts before = part.files;
  const DocumentCounts documents_before = part.documents;
  if (part.kind != PartOutcomeKind::saved || second.kind != PartOutcomeKind::unchanged) part = second;
  part.files = before;
  part.files += second.files;
  part.documents = {.saved = documents_before.saved + second.documents.saved,
                    .newly_gone = documents_before.newly_gone + second.documents.newly_gone,
                    .unexplained = second.documents.unexplained};
}

bool is_of_stop(const Error& error) {
  return error.kind() == ErrorKind::cancelled || error.kind() == ErrorKind::rate_limited;
}

void add(Outcome& outcome, const PartOutcome& part) {
  outcome.requests += part.requests;
  outcome.bytes_received += part.bytes_received;
  outcome.bytes_stored += part.bytes_stored;
  outcome.proof_reads.requests += part.proof_reads.requests;
  outcome.proof_reads.bytes += part.proof_reads.bytes;
  outcome.objects += part.objects;
  outcome.not_proved += part.not_proved;
  outcome.lfs_pointers += part.lfs_pointers;
  outcome.lfs_pointers_may_be_more = outcome.lfs_pointers_may_be_more || part.lfs_pointers_may_be_more;
  outcome.refs_vanished = outcome.refs_vanished || part.refs_vanished;
  outcome.left_out.insert(outcome.left_out.end(), part.left_out.begin(), part.left_out.end());
  outcome.missing.insert(outcome.missing.end(), part.missing.begin(), part.missing.end());
  outcome.missing_objects += part.missing_objects;
  if (outcome.not_proved_because.empty()) outcome.not_proved_because = part.not_proved_because;
}

bool saves_lfs(const std::vector<PartOutcome>& parts) {
  return std::any_of(parts.begin(), parts.end(), [](const PartOutcome& part) { return part.saves_lfs; });
}

std::string detail_of(const PartOutcome& part) {
  if (part.kind != PartOutcomeKind::not_permitted) return part.detail;
  return part.permission.empty() ? "the token may not see it" : "the token lacks " + part.permission;
}

// Each by its name, but for the first, which is what the subject is about: its history.
std::string detail_of(const std::vector<PartOutcome>& parts) {
  std::string text;
  for (const PartOutcome& part : parts) {
    const std::string detail = detail_of(part);
    if (detail.empty()) continue;
    if (!text.empty()) text += "; ";
    text += part.part == parts.front().part ? detail : part.part + ": " + detail;
  }
  return text;
}

// What failed by itself comes before what the run's stop has ended.
std::optional<Error> first_failure(const std::vector<PartOutcome>& parts) {
  const Error* first = nullptr;
  std::string name;
  for (const PartOutcome& part : parts) {
    if (!part.error) continue;
    const Error& error = *part.error;
    if (first != nullptr && (!is_of_stop(*first) || is_of_stop(error))) continue;
    first = &error;
    name = part.part;
  }
  if (first == nullptr) return std::nullopt;
  return name == parts.front().part ? *first : first->with_context(name);
}

}  // namespace

std::string_view to_string(OutcomeKind kind) {
  switch (kind) {
    case OutcomeKind::unchanged:
      return "unchanged";
    case OutcomeKind::saved:
      return "saved";
    case OutcomeKind::gone:
      return "gone";
    case OutcomeKind::failed:
      return "failed";
    case OutcomeKind::not_done:
      return "not_done";
  }
  return "failed";
}

std::string_view to_string(PartOutcomeKind kind) {
  switch (kind) {
    case PartOutcomeKind::unchanged:
      return "unchanged";
    case PartOutcomeKind::saved:
      return "saved";
    case PartOutcomeKind::absent:
      return "absent";
    case PartOutcomeKind::not_permitted:
      return "not_permitted";
    case PartOutcomeKind::failed:
      return "failed";
  }
  return "failed";
}

Outcome sum_up(Outcome outcome, std::vector<PartOutcome> parts, bool is_stopping) {
  for (const PartOutcome& part : parts) add(outcome, part);
  if (saves_lfs(parts)) {
    outcome.lfs_pointers = 0;  // of those that are not saved
    outcome.lfs_pointers_may_be_more = false;
  }
  if (outcome.kind != OutcomeKind::gone && !outcome.snapshot.empty()) outcome.kind = OutcomeKind::saved;
  if (outcome.detail.empty()) outcome.detail = detail_of(parts);
  const std::optional<Error> own = std::exchange(outcome.error, std::nullopt);
  if (const auto error = own ? own : first_failure(parts))
    outcome = failed(std::move(outcome), *error, is_stopping);
  outcome.parts = std::move(parts);
  return outcome;
}

Outcome failed(Outcome outcome, const Error& error, bool is_stopping) {
  if (outcome.error) return outcome;
  const bool waited = error.kind() == ErrorKind::rate_limited;
  const bool is_stopped = is_stopping && is_of_stop(error);
  outcome.kind = is_stopped ? OutcomeKind::not_done : OutcomeKind::failed;
  if (!is_stopped) outcome.error = error;
  if (waited) outcome.was_begun = false;  // it was not its own work that took too long
  outcome.detail.clear();
  return outcome;
}

FileCounts& FileCounts::operator+=(const FileCounts& more) {
  saved += more.saved;
  bytes += more.bytes;
  newly_lacking += more.newly_lacking;
  return *this;
}

DocumentCounts& DocumentCounts::operator+=(const DocumentCounts& more) {
  saved += more.saved;
  newly_gone += more.newly_gone;
  unexplained += more.unexplained;
  return *this;
}

std::vector<PartOutcome> merge_attempts(std::vector<PartOutcome> first,
                                        const std::vector<PartOutcome>& second) {
  for (const PartOutcome& part : second) {
    const auto same = std::find_if(first.begin(), first.end(),
                                   [&](const PartOutcome& before) { return before.part == part.part; });
    if (same == first.end())
      first.push_back(part);
    else
      follow(*same, part);
  }
  return first;
}

bool has_gained(const Outcome& outcome) {
  return !outcome.snapshot.empty() ||
         std::any_of(outcome.parts.begin(), outcome.parts.end(),
                     [](const PartOutcome& part) { return part.files.saved > 0; });
}

int shares_of(const Outcome& outcome) {
  int shares = 0;
  for (const PartOutcome& part : outcome.parts) shares = std::max(shares, part.shares);
  return shares;
}

bool has_kept_anything(const Outcome& outcome) {
  if (outcome.kind != OutcomeKind::failed && outcome.kind != OutcomeKind::not_done) return true;
  return std::any_of(outcome.parts.begin(), outcome.parts.end(),
                     [](const PartOutcome& part) { return part.kind != PartOutcomeKind::failed; });
}

nlohmann::ordered_json to_json(const Outcome& outcome) {
  nlohmann::ordered_json json = {
      {"repository", outcome.repository}, {"id", outcome.id}, {"result", to_string(outcome.kind)}};
  add_kind(json, outcome.id);
  if (outcome.is_private) json["private"] = true;
  if (!outcome.detail.empty()) json["detail"] = outcome.detail;
  if (!outcome.snapshot.empty()) json["snapshot"] = outcome.snapshot.str();
  if (outcome.zip) json["zip"] = to_json(*outcome.zip);
  if (outcome.error) json["error"] = to_json(*outcome.error);
  if (!outcome.losses.empty()) {
    json["losses"] = Json::array();
    for (const Loss& loss : outcome.losses) json["losses"].push_back(to_json(loss));
  }
  for (const LeftOutRef& ref : outcome.left_out) json["left_out"].push_back(to_json(ref));
  if (!outcome.not_proved_because.empty()) {
    json["proved"] = false;
    json["not_proved_because"] = outcome.not_proved_because;
  }
  for (const MissingObject& missing : outcome.missing) json["missing"].push_back(to_json(missing));
  if (outcome.missing_objects > 0) json["missing_objects"] = outcome.missing_objects;
  json["requests"] = outcome.requests;
  json["bytes_received"] = outcome.bytes_received;
  json["bytes_stored"] = outcome.bytes_stored;
  if (outcome.proof_reads.requests > 0) {
    json["proof_requests"] = outcome.proof_reads.requests;
    json["proof_bytes"] = outcome.proof_reads.bytes;
  }
  json["objects"] = outcome.objects;
  if (outcome.not_proved > 0) json["not_proved"] = outcome.not_proved;
  if (outcome.lfs_pointers > 0) json["lfs_pointers"] = outcome.lfs_pointers;
  if (outcome.lfs_pointers_may_be_more) json["lfs_pointers_may_be_more"] = true;
  if (outcome.refs_vanished) json["refs_vanished"] = true;
  if (outcome.parts.size() > 1)
    for (const PartOutcome& part : outcome.parts)
      if (&part == &outcome.parts.front() || has_something_to_tell(part))
        json["parts"].push_back(part_to_json(part));
  return json;
}

Outcome outcome_from_json(const nlohmann::ordered_json& json) {
  Outcome outcome;
  outcome.repository = json.at("repository");
  outcome.id = subject_id_from_json(json);
  outcome.kind = parse_outcome_kind(json.at("result"));
  outcome.is_private = json.value("private", false);
  outcome.detail = json.value("detail", "");
  if (json.contains("snapshot")) outcome.snapshot = snapshot_from_json(json.at("snapshot"));
  if (json.contains("error")) outcome.error = error_from_json(json.at("error"));
  if (json.contains("zip")) outcome.zip = zip_record_from_json(json.at("zip"));
  if (json.contains("losses"))
    for (const Json& loss : json.at("losses")) outcome.losses.push_back(loss_from_json(loss));
  if (json.contains("left_out"))
    for (const Json& ref : json.at("left_out")) outcome.left_out.push_back(left_out_from_json(ref));
  outcome.not_proved_because = json.value("not_proved_because", "");
  if (json.contains("missing"))
    for (const Json& missing : json.at("missing")) outcome.missing.push_back(missing_from_json(missing));
  if (json.contains("missing_objects"))
    outcome.missing_objects = integer_from_json<std::uint64_t>(json.at("missing_objects"));
  outcome.requests = integer_from_json<std::uint64_t>(json.at("requests"));
  outcome.bytes_received = integer_from_json<ByteCount>(json.at("bytes_received"));
  outcome.bytes_stored = integer_from_json<ByteCount>(json.at("bytes_stored"));
  if (json.contains("proof_requests"))
    outcome.proof_reads = {.requests = integer_from_json<std::uint64_t>(json.at("proof_requests")),
                           .bytes = integer_from_json<ByteCount>(json.at("proof_bytes"))};
  outcome.objects = integer_from_json<std::uint32_t>(json.at("objects"));
  if (json.contains("not_proved"))
    outcome.not_proved = integer_from_json<std::uint64_t>(json.at("not_proved"));
  if (json.contains("lfs_pointers"))
    outcome.lfs_pointers = integer_from_json<std::uint64_t>(json.at("lfs_pointers"));
  outcome.lfs_pointers_may_be_more = json.value("lfs_pointers_may_be_more", false);
  outcome.refs_vanished = json.value("refs_vanished", false);
  if (json.contains("parts"))
    for (const Json& part : json.at("parts")) outcome.parts.push_back(part_from_json(part));
  return outcome;
}

}  // namespace hubkeep
