#include "vault/manifest.h"

#include <fmt/format.h>

#include "base/error.h"
#include "base/json.h"
#include "base/text.h"
#include "vault/format_version.h"
#include "vault/git_part.h"
#include "vault/json_fields.h"
#include "vault/written_by.h"

namespace hubkeep {
namespace {

// A listing may be so old when the last of its repositories gets its turn.
constexpr std::chrono::hours kLongestRun{24};

using Json = nlohmann::ordered_json;

// The records of every part, and all of the kinds that are known: what cannot be used is found before it is
// needed.
Parts parts_from_json(const Json& json, const std::string& program) {
  Parts parts;
  for (const auto& [name, value] : json.items()) {
    const Part& part = parts.emplace(name, Part(value)).first->second;
    as_written_by(program, [&] { visit_named_objects(part, [](const ObjectRecord&) {}); });
    if (is_git_part(part)) git_part(part);
  }
  return parts;
}

Manifest manifest_from_json(const Json& json) {
  check_version(json);
  Manifest manifest;
  manifest.snapshot = snapshot_from_json(json.at("snapshot"));
  manifest.program = json.at("program");
  if (json.contains("vault")) manifest.vault = json.at("vault");
  manifest.host = json.at("host");
  manifest.repository_id =
      as_written_by(program_of(json), [&] { return subject_id_from_json(json.at("repository")); });
  manifest.node_id = json.at("repository").at("node_id");
  manifest.listing = listing_from_json(json.at("listing"));
  if (json.contains("made_at")) manifest.made_at = time_from_json(json.at("made_at"));
  if (!json.at("gone_since").is_null()) manifest.gone_since = time_from_json(json.at("gone_since"));
  for (const auto& previous : json.at("previous")) {
    manifest.previous.push_back({snapshot_from_json(previous.at("snapshot")), previous.at("sha256")});
  }
  manifest.requests = integer_from_json<std::uint64_t>(json.at("requests"));
  manifest.bytes_received = integer_from_json<ByteCount>(json.at("bytes_received"));
  manifest.parts = parts_from_json(json.at("parts"), program_of(json));
  if (json.contains("lost")) manifest.lost = json.at("lost");
  return manifest;
}

using Dump = std::string (*)(const Json&);

std::string dump_exactly(const Json& json) {
  return json.dump();
}

std::string dump_to_print(const Json& json) {
  return json.dump(-1, ' ', true, Json::error_handler_t::replace);
}

void write_json(const Json& json, int depth, Dump dump, std::string& out) {
  const std::string indent(static_cast<std::size_t>(depth) * 2 + 2, ' ');
  const bool object = json.is_object();
  if ((!object && !json.is_array()) || json.empty()) {
    out += dump(json);
    return;
  }
  out += object ? "{" : "[";
  bool first = true;
  for (const auto& [key, value] : json.items()) {
    out += first ? "\n" : ",\n";
    first = false;
    out += indent;
    if (object) {
      out += dump(Json(key)) + ": ";
      write_json(value, depth + 1, dump, out);
    } else {
      out += dump(value);
    }
  }
  out += "\n" + indent.substr(2) + (object ? "}" : "]");
}

}  // namespace

Json to_json(const std::vector<PreviousSnapshot>& snapshots) {
  Json list = Json::array();
  for (const PreviousSnapshot& snapshot : snapshots)
    list.push_back({{"snapshot", snapshot.snapshot.str()}, {"sha256", snapshot.sha256}});
  return list;
}

std::vector<PreviousSnapshot> previous_from_json(const Json& json) {
  std::vector<PreviousSnapshot> snapshots;
  for (const Json& item : json)
    snapshots.push_back({snapshot_from_json(item.at("snapshot")), item.at("sha256")});
  return snapshots;
}

UtcTime time_of(const Manifest& manifest) {
  const UtcTime named = manifest.snapshot.time();
  if (manifest.made_at) return *manifest.made_at;
  const auto differs = [&](UtcTime time) { return std::chrono::abs(named - time) > kClockTolerance; };
  if (manifest.gone_since) return differs(*manifest.gone_since) ? *manifest.gone_since : named;
  // GitHub's time of the listing, which is older than the snapshot by as much as the run took; a difference
  // that no run explains is a clock's. TimeOf.IsGitHubsWhereTheNameIsWrong.
  const UtcTime listed = manifest.listing.listed_at;
  const bool is_late = named > listed && named - listed <= kLongestRun;
  return listed == UtcTime{} || is_late || !differs(listed) ? named : listed;
}

std::string format_manifest(const Manifest& manifest) {
  Json json = {{"format", kFormatVersion}, {"features", Json::array()}, {"program", manifest.program}};
  if (!manifest.vault.empty()) json["vault"] = manifest.vault;
  json.update({{"snapshot", manifest.snapshot.str()},
               {"host", manifest.host},
               {"repository", {{"id", manifest.repository_id}, {"node_id", manifest.node_id}}},
               {"listing", to_json(manifest.listing)},
               {"gone_since", manifest.gone_since ? Json(format_time(*manifest.gone_since)) : Json(nullptr)},
               {"previous", Json::array()},
               {"requests", manifest.requests},
               {"bytes_received", manifest.bytes_received},
               {"parts", Json::object()}});
  add_kind(json["repository"], manifest.repository_id);
  for (const auto& [name, part] : manifest.parts) json["parts"][name] = part.json();
  for (const auto& previous : manifest.previous) {
    json["previous"].push_back({{"snapshot", previous.snapshot.str()}, {"sha256", previous.sha256}});
  }
  if (manifest.made_at) json["made_at"] = format_time(*manifest.made_at);
  if (!manifest.lost.empty()) json["lost"] = manifest.lost;
  return format_json(json) + "\n";
}

Manifest parse_manifest(std::string_view text) {
  const Json json =
      with_context("not a manifest", [&] { return parse_ordered_json(text, kMaxManifestSize); });
  try {
    return manifest_from_json(json);
  } catch (const nlohmann::json::exception& error) {
    throw Error(ErrorKind::corrupt, "not a manifest: " + printable(error.what()));
  }
}

std::string format_json(const Json& json) {
  std::string out;
  write_json(json, 0, &dump_exactly, out);
  return out;
}

std::string format_json_to_print(const Json& json) {
  std::string out;
  write_json(json, 0, &dump_to_print, out);
  return out;
}

}  // namespace hubkeep
