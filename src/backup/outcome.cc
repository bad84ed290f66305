#include "backup/outcome.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

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
  json["requests"] = outcome.requests;
  json["bytes_received"] = outcome.bytes_received;
  json["bytes_stored"] = outcome.bytes_stored;
  json["objects"] = outcome.objects;
  if (outcome.not_proved > 0) json["not_proved"] = outcome.not_proved;
  if (outcome.lfs_pointers > 0) json["lfs_pointers"] = outcome.lfs_pointers;
  if (outcome.lfs_pointers_may_be_more) json["lfs_pointers_may_be_more"] = true;
  if (outcome.refs_vanished) json["refs_vanished"] = true;
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
  outcome.requests = integer_from_json<std::uint64_t>(json.at("requests"));
  outcome.bytes_received = integer_from_json<ByteCount>(json.at("bytes_received"));
  outcome.bytes_stored = integer_from_json<ByteCount>(json.at("bytes_stored"));
  outcome.objects = integer_from_json<std::uint32_t>(json.at("objects"));
  if (json.contains("not_proved"))
    outcome.not_proved = integer_from_json<std::uint64_t>(json.at("not_proved"));
  if (json.contains("lfs_pointers"))
    outcome.lfs_pointers = integer_from_json<std::uint64_t>(json.at("lfs_pointers"));
  outcome.lfs_pointers_may_be_more = json.value("lfs_pointers_may_be_more", false);
  outcome.refs_vanished = json.value("refs_vanished", false);
  return outcome;
}

}  // namespace hubkeep
