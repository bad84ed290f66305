// All runs share the catalog's one object and change it by compare-and-swap, so a run must merge its line
// with one that another run may have written since it was read. The update counts, but no snapshot leaves the
// list of the newest unless the update supersedes it by name. Two runs at once thus leave two newest
// snapshots, and the next run makes one of them.
//
// Reading is strict. The catalog can be rebuilt from the snapshots, so any doubt is damage, and nothing is
// guessed.
#include "vault/catalog.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/text.h"
#include "vault/contents.h"
#include "vault/json_fields.h"
#include "vault/sealed_lines.h"
#include "vault/written_by.h"
#include "vault/zip_record.h"

namespace hubkeep {
namespace {

using Json = nlohmann::ordered_json;

Json to_json(const CatalogZip& zip) {
  Json json = {{"key", zip.key}, {"commit", zip.commit}};
  if (zip.snapshot) json["snapshot"] = zip.snapshot->str();
  if (zip.listing) json["listing"] = to_json(*zip.listing);
  return json;
}

CatalogZip zip_from_json(const Json& json) {
  CatalogZip zip{.key = json.at("key"), .commit = json.at("commit"), .snapshot = {}, .listing = {}};
  if (json.contains("snapshot")) zip.snapshot = snapshot_from_json(json.at("snapshot"));
  if (json.contains("listing")) zip.listing = listing_from_json(json.at("listing"));
  if (day_of_zip(zip.key).empty())
    throw Error(ErrorKind::corrupt, "catalog: not the key of a zip: " + printable(zip.key));
  return zip;
}

Json to_json(const PartStatuses& parts) {
  Json json = Json::object();
  for (const auto& [name, status] : parts) json[name] = status.word();
  return json;
}

PartStatuses statuses_from_json(const Json& json) {
  PartStatuses parts;
  for (const auto& [name, status] : json.items()) parts.emplace(name, PartStatus(status.get<std::string>()));
  return parts;
}

SnapshotId snapshot_of_key(std::string_view key) {
  if (const auto id = snapshot_of(key)) return *id;
  throw Error(ErrorKind::corrupt, "catalog: not the key of a snapshot: " + printable(key));
}

bool contains(const std::vector<CatalogSnapshot>& snapshots, const SnapshotId& id) {
  return std::any_of(snapshots.begin(), snapshots.end(), [&](const auto& s) { return s.snapshot == id; });
}

void remember_name(CatalogEntry& entry, const std::string& name) {
  auto& names = entry.previous_names;
  if (name != entry.listing.full_name && std::find(names.begin(), names.end(), name) == names.end()) {
    names.push_back(name);
  }
}

CatalogEntry merge_snapshots(const CatalogEntry& current, const CatalogUpdate& update) {
  // The same new repository, renamed between two runs at once: what the loser wrote is harmless and fetched
  // again. MergeEntry.KeepsTheFolderThatIsKnown.
  if (current.folder != update.entry.folder) return current;
  CatalogEntry merged = update.entry;
  bool raced = false;
  for (const auto& snapshot : current.newest) {
    const bool replaced = std::find(update.supersedes.begin(), update.supersedes.end(), snapshot.snapshot) !=
                          update.supersedes.end();
    if (replaced || contains(update.entry.newest, snapshot.snapshot)) continue;
    merged.newest.push_back(snapshot);
    raced = true;
  }
  // Another run has written a snapshot since: one that only looked must not speak for it.
  // MergeEntry.ARunThatOnlyLookedDoesNotSpeakForAnothersSnapshot.
  if (raced && !update.has_new_snapshot) return current;
  // The lock covers what this run wrote; what the other run wrote may expire sooner.
  // MergeEntry.KnowsNoLockOfTwoRunsAtOnce.
  if (raced) merged.locked_until.reset();
  for (const auto& name : current.previous_names) remember_name(merged, name);
  remember_name(merged, current.listing.full_name);
  return merged;
}

}  // namespace

nlohmann::ordered_json to_json(const CatalogEntry& entry) {
  Json json = {{"host", entry.host},
               {"id", entry.id},
               {"node_id", entry.node_id},
               {"folder", entry.folder},
               {"previous_names", entry.previous_names},
               {"newest", Json::array()},
               {"listing", to_json(entry.listing)},
               {"refs_checked_at", format_time(entry.refs_checked_at)},
               {"gone_since", entry.gone_since ? Json(format_time(*entry.gone_since)) : Json(nullptr)},
               {"size", entry.size}};
  add_kind(json, entry.id);
  for (const auto& [part, time] : entry.checked) json["checked"][part] = format_time(time);
  if (entry.locked_until) json["locked_until"] = format_time(*entry.locked_until);
  if (entry.zip) json["zip"] = to_json(*entry.zip);
  for (const auto& snapshot : entry.newest) {
    json["newest"].push_back({{"key", manifest_key(snapshot.snapshot)},
                              {"sha256", snapshot.sha256},
                              {"parts", to_json(snapshot.parts)}});
    if (!snapshot.not_proved.empty()) json["newest"].back()["not_proved"] = snapshot.not_proved;
  }
  return json;
}

CatalogEntry catalog_entry_from_json(const nlohmann::ordered_json& json) {
  CatalogEntry entry;
  entry.host = json.at("host");
  entry.id = subject_id_from_json(json);
  entry.node_id = json.at("node_id");
  entry.folder = json.at("folder");
  // Keys are made by joining this, so a folder that leads elsewhere would have hubkeep read and write there.
  // Catalog.RefusesFoldersThatLeadElsewhere.
  with_context("catalog", [&] { require_folder_of(entry.id.kind(), entry.folder); });
  entry.previous_names = json.at("previous_names");
  for (const auto& snapshot : json.at("newest")) {
    entry.newest.push_back({snapshot_of_key(snapshot.at("key").get_ref<const std::string&>()),
                            snapshot.at("sha256"), statuses_from_json(snapshot.at("parts")),
                            snapshot.value("not_proved", PartNames())});
  }
  entry.listing = listing_from_json(json.at("listing"));
  entry.refs_checked_at = time_from_json(json.at("refs_checked_at"));
  if (!json.at("gone_since").is_null()) entry.gone_since = time_from_json(json.at("gone_since"));
  entry.size = integer_from_json<ByteCount>(json.at("size"));
  if (json.contains("checked"))
    for (const auto& [part, time] : json.at("checked").items())
      entry.checked.emplace(part, time_from_json(time));
  if (json.contains("locked_until")) entry.locked_until = time_from_json(json.at("locked_until"));
  if (json.contains("zip")) entry.zip = zip_from_json(json.at("zip"));
  return entry;
}

CatalogEntry merge_entry(const std::optional<CatalogEntry>& current, const CatalogUpdate& update) {
  if (!current) return update.entry;
  CatalogEntry merged = merge_snapshots(*current, update);
  // Zips go their own way: a run without zips says nothing of them, and a run that lost the race for the
  // snapshot has made its zip all the same. MergeEntry.KeepsTheZipThatAnUpdateSaysNothingOf,
  // TakesTheZipOfARunThatOnlyLooked.
  merged.zip = update.entry.zip ? update.entry.zip : current->zip;
  return merged;
}

CatalogEntry entry_of(const Manifest& manifest, std::string manifest_sha256, std::string folder,
                      const ListReader& read_list) {
  ByteCount size = 0;
  as_written_by(manifest.program, [&] { size = contents_of(manifest.parts, folder, read_list).size; });
  return {.host = manifest.host,
          .id = manifest.repository_id,
          .node_id = manifest.node_id,
          .folder = std::move(folder),
          .previous_names = {},
          .newest = {{manifest.snapshot, std::move(manifest_sha256), statuses_of(manifest.parts),
                      names_not_proved(manifest.parts)}},
          .listing = manifest.listing,
          .refs_checked_at = manifest.listing.listed_at,
          .gone_since = manifest.gone_since,
          .size = size};
}

std::string format_catalog(const Catalog& catalog) {
  SealedLinesWriter lines("catalog");
  for (const auto& [key, entry] : catalog) lines.add(to_json(entry));
  return lines.finish();
}

Catalog parse_catalog(std::string_view stored) {
  Catalog catalog;
  read_sealed_lines("catalog", stored, [&](const Json& line) {
    CatalogEntry entry = catalog_entry_from_json(line);
    // This also refuses a subject that stands there twice, where one line would hide the other.
    if (!catalog.empty() && entry.key() <= catalog.rbegin()->first)
      throw Error(ErrorKind::corrupt, "catalog: lines are not in order");
    catalog.emplace_hint(catalog.end(), entry.key(), std::move(entry));
  });
  return catalog;
}

}  // namespace hubkeep
