// A record is written before the manifests go and the objects after them, so after a kill a recorded snapshot
// may still be there: it counts as there then. A damaged record says nothing. It is handed on as damage, and
// what it named is missed, for nobody can tell it from a loss (Removals4.AreDamageWhenTheirRecordIsDamaged).
#include "vault/removals.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "base/byte_sink.h"
#include "vault/format_version.h"
#include "vault/json_fields.h"
#include "vault/sealed_lines.h"
#include "vault/vault.h"

namespace hubkeep {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view kSuffix = ".jsonl.zst";
constexpr std::string_view kWhat = "record of removed snapshots";

Json head_of(const Removal& removal) {
  return {{"format", kFormatVersion},
          {"features", Json::array()},
          {"program", removal.program},
          {"run", removal.run.str()}};
}

Json line_of(const RemovedSnapshot& removed) {
  return {{"snapshot", removed.snapshot.str()},
          {"sha256", removed.sha256},
          {"previous", to_json(removed.previous)},
          {"reason", removed.reason},
          {"removed_at", format_time(removed.removed_at)}};
}

void read_head(const Json& json, Removal& removal) {
  check_version(json);
  removal.program = json.at("program");
  removal.run = snapshot_from_json(json.at("run"));
}

RemovedSnapshot removed_from_json(const Json& json) {
  return {.snapshot = snapshot_from_json(json.at("snapshot")),
          .sha256 = json.at("sha256"),
          .previous = previous_from_json(json.at("previous")),
          .reason = json.at("reason"),
          .removed_at = time_from_json(json.at("removed_at"))};
}

}  // namespace

std::string removal_key(const SnapshotId& run) {
  return fmt::format("{}{}{}", kRemovedFolder, run.str(), kSuffix);
}

std::optional<SnapshotId> run_of_removal(std::string_view key) {
  if (!key.starts_with(kRemovedFolder) || !key.ends_with(kSuffix)) return std::nullopt;
  key.remove_prefix(kRemovedFolder.size());
  key.remove_suffix(kSuffix.size());
  return SnapshotId::parse(key);
}

std::string format_removal(const Removal& removal) {
  SealedLinesWriter lines{std::string(kWhat)};
  lines.add(head_of(removal));
  for (const RemovedSnapshot& removed : removal.snapshots) lines.add(line_of(removed));
  return lines.finish();
}

Removal parse_removal(std::string_view stored) {
  Removal removal;
  read_sealed_lines(kWhat, stored, [&](const Json& line) {
    if (removal.run.empty())
      read_head(line, removal);
    else
      removal.snapshots.push_back(removed_from_json(line));
  });
  if (removal.run.empty()) throw Error(ErrorKind::corrupt, fmt::format("{}: it names no run", kWhat));
  return removal;
}

void write_removed(Vault& vault, const std::string& folder, const Removal& removal) {
  RecordedWriter writer = vault.objects().create(folder, removal_key(removal.run));
  writer.write(format_removal(removal));
  static_cast<void>(writer.commit());
}

Removal read_removal(Vault& vault, const std::string& folder, const SnapshotId& run,
                     const std::stop_token& stop) {
  const ObjectKey key = folder + removal_key(run);
  StringSink stored(kMaxReadWhole, key);
  vault.objects().read_stored(key, stored, stop);
  Removal removal = with_context(key, [&] { return parse_removal(stored.str()); });
  // Removals4.UnderTheNameOfAnotherRunAreDamage.
  if (removal.run != run) throw Error(ErrorKind::corrupt, key + " is the record of another run");
  return removal;
}

Removals read_removals(Vault& vault, const std::string& folder, const std::stop_token& stop) {
  std::vector<SnapshotId> runs;
  vault.objects().list(folder + std::string(kRemovedFolder), "", [&](const ObjectInfo& object) {
    if (const auto run = run_of_removal(std::string_view(object.key).substr(folder.size())))
      runs.push_back(*run);
    return true;
  });
  Removals removals;
  for (const SnapshotId& run : runs) {
    const ObjectKey key = folder + removal_key(run);
    try {
      for (RemovedSnapshot& removed : read_removal(vault, folder, run, stop).snapshots)
        removals.snapshots.emplace(removed.snapshot, std::move(removed));
      removals.keys.push_back(key);
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::corrupt && error.kind() != ErrorKind::not_found) throw;
      removals.damaged.push_back({key, error});
    }
  }
  return removals;
}

}  // namespace hubkeep
