// A name may mean several repositories: the one that has it now, those that had it when they vanished, those
// that were renamed. The first of these groups that is not empty counts, and must be one repository; name@id
// says which is meant.
//
// Of snapshots the newest complete one is taken, or the newest that is not after a given time; what is
// damaged is told of and passed over. Names have the time of the machine that made them, which may have been
// wrong, so the times that manifests tell are asked where names alone could mislead.
// FindSnapshot.GoesByGitHubsTimeWhereAClockWasAhead, GoesByGitHubsTimeWhereAClockWasBehind.
#include "vault/select_snapshot.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <iterator>
#include <set>

#include "base/error.h"
#include "base/gist_name.h"
#include "base/text.h"
#include "vault/removals.h"
#include "vault/wiki_part.h"

namespace hubkeep {
namespace {

struct WantedName {
  std::string_view name;
  std::optional<std::string> id;
};

WantedName split_id(std::string_view text) {
  const auto at = text.rfind('@');
  if (at == std::string_view::npos) return {text, {}};
  const auto id = text.substr(at + 1);
  const bool is_id = !id.empty() && id.find_first_not_of("0123456789abcdef") == std::string_view::npos;
  return is_id ? WantedName{text.substr(0, at), std::string(id)} : WantedName{text, {}};
}

bool had_name(const CatalogEntry& entry, std::string_view name) {
  return std::any_of(entry.previous_names.begin(), entry.previous_names.end(),
                     [&](const auto& previous) { return equals_ignoring_case(previous, name); });
}

std::string names_of(const std::vector<const CatalogEntry*>& entries) {
  std::string text;
  for (const auto* entry : entries) {
    text += fmt::format("{}{}@{}", text.empty() ? "" : ", ", printable(entry->listing.full_name),
                        entry->id.str());
  }
  return text;
}

const CatalogEntry& the_only_one(const std::vector<const CatalogEntry*>& entries, const std::string& name) {
  if (entries.size() == 1) return *entries.front();
  throw Error(ErrorKind::invalid, fmt::format("{} has been the name of several repositories, say which: {}",
                                              printable(name), names_of(entries)));
}

// "acme/site" of "acme/site.wiki", where the vault has that.
std::optional<std::string> repository_of_wiki(const Catalog& catalog, const std::string& name) {
  if (!name.ends_with(kWikiSuffix)) return std::nullopt;
  const std::string_view repository = std::string_view(name).substr(0, name.size() - kWikiSuffix.size());
  const auto found = std::find_if(catalog.begin(), catalog.end(), [&](const auto& item) {
    const CatalogEntry& entry = item.second;
    return entry.id.is_repository() &&
           (equals_ignoring_case(entry.listing.full_name, repository) || had_name(entry, repository));
  });
  if (found == catalog.end()) return std::nullopt;
  return printable(found->second.listing.full_name);
}

// What the catalog knows of a manifest is held against it.
StoredManifest read_known(Vault& vault, const CatalogEntry& entry, const SnapshotId& id,
                          const std::stop_token& stop) {
  const auto known =
      std::find_if(entry.newest.begin(), entry.newest.end(), [&](const auto& s) { return s.snapshot == id; });
  const auto sha256 = known == entry.newest.end() ? std::nullopt : std::optional(known->sha256);
  return vault.read_manifest(entry.folder, id, sha256, stop);
}

// Those of the catalog, too: one that is missing must be missed, unless it was removed. Removals are read
// only where one is.
std::vector<SnapshotId> newest_first(Vault& vault, const CatalogEntry& entry, const std::stop_token& stop) {
  const auto listed = vault.list_snapshots(entry.folder);
  std::set<SnapshotId, std::greater<>> ids(listed.begin(), listed.end());
  std::vector<SnapshotId> missing;
  for (const auto& known : entry.newest)
    if (!ids.contains(known.snapshot)) missing.push_back(known.snapshot);
  if (!missing.empty()) {
    const Removals removals = read_removals(vault, entry.folder, stop);
    std::copy_if(missing.begin(), missing.end(), std::inserter(ids, ids.end()),
                 [&](const SnapshotId& id) { return !removals.contains(id); });
  }
  return {ids.begin(), ids.end()};
}

// The one that is wanted, and no other.
StoredManifest find_exactly(Vault& vault, const CatalogEntry& entry, const SnapshotId& id,
                            const std::stop_token& stop) {
  try {
    return read_known(vault, entry, id, stop);
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::not_found) throw;
    const Removals removals = read_removals(vault, entry.folder, stop);
    const auto removed = removals.snapshots.find(id);
    if (removed == removals.snapshots.end()) throw;
    throw Error(
        ErrorKind::not_found,
        fmt::format("snapshot {} was removed at {}: {}; what there is, of which --at takes any, is shown "
                    "by {}",
                    id.str(), format_time(removed->second.removed_at), printable(removed->second.reason),
                    vault.command("list", exact_name(entry))));
  }
}

std::optional<UtcTime> told_time(Vault& vault, const CatalogEntry& entry, const SnapshotId& id,
                                 const std::stop_token& stop) {
  try {
    return time_of(read_known(vault, entry, id, stop).manifest);
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::corrupt && error.kind() != ErrorKind::not_found) throw;
    return std::nullopt;
  }
}

// From where on `ids`, the newest first, are not after `time`, as far as their names tell. After a clock that
// was ahead their names are later than they are: what follows is looked at for as long as it is older.
std::size_t first_not_after(UtcTime time, const std::vector<SnapshotId>& ids,
                            const std::function<std::optional<UtcTime>(const SnapshotId&)>& told) {
  const auto named =
      std::find_if(ids.begin(), ids.end(), [&](const SnapshotId& id) { return id.time() <= time; });
  auto first = static_cast<std::size_t>(named - ids.begin());
  for (std::size_t i = first; i > 0; --i) {
    const auto at = told(ids[i - 1]);
    // A damaged one tells no time, and those before it are still looked at:
    // FindSnapshot.LooksBeyondADamagedOneFromTheFuture.
    if (at && *at > time) break;
    if (at) first = i - 1;
  }
  return first;
}

}  // namespace

const CatalogEntry& find_repository(const Catalog& catalog, const std::string& name,
                                    const std::string& list_command) {
  const auto wanted = split_id(name);
  const auto gist = gist_named(name);
  std::vector<const CatalogEntry*> now;
  std::vector<const CatalogEntry*> gone;
  std::vector<const CatalogEntry*> before;
  for (const auto& [key, entry] : catalog) {
    if (gist && entry.id == SubjectId::gist(*gist)) now.push_back(&entry);
    if (wanted.id && entry.id.str() != *wanted.id) continue;
    if (equals_ignoring_case(entry.listing.full_name, wanted.name))
      (entry.gone_since ? gone : now).push_back(&entry);
    if (had_name(entry, wanted.name)) before.push_back(&entry);
  }
  for (const auto* found : {&now, &gone, &before}) {
    if (!found->empty()) return the_only_one(*found, name);
  }
  if (const auto repository = repository_of_wiki(catalog, name))
    throw Error(ErrorKind::not_found, fmt::format("{0} is the wiki of {1} and part of its snapshots: name "
                                                  "{1} (restore --only wiki brings the wiki alone)",
                                                  printable(name), *repository));
  throw Error(ErrorKind::not_found,
              fmt::format("the vault holds no repository {}: what it holds is shown by {}", printable(name),
                          list_command));
}

std::string exact_name(const CatalogEntry& entry) {
  return fmt::format("{}@{}", entry.listing.full_name, entry.id.str());
}

std::string only_zips(const CatalogEntry& entry) {
  const std::string newest = entry.zip ? entry.zip->key.substr(1) : "";
  return fmt::format("the vault holds no history of {}, only zips of its files: the newest is {}",
                     printable(entry.listing.full_name), printable(newest));
}

std::optional<UtcTime> parse_user_time(const std::string& text) {
  std::string normal = text;
  constexpr std::size_t kDay = 10;  // 2026-11-23
  if (normal.size() > kDay && normal[kDay] == ' ') normal[kDay] = 'T';
  if (normal.size() == kDay) normal += "T23:59:59Z";
  if (!normal.ends_with('Z')) normal += 'Z';
  return parse_time(normal);
}

StoredManifest find_snapshot(Vault& vault, const CatalogEntry& entry, const std::string& at,
                             const IsComplete& is_complete, const Notice& notice,
                             const std::stop_token& stop) {
  if (const auto id = SnapshotId::parse(at)) return find_exactly(vault, entry, *id, stop);
  const auto time = at.empty() ? std::optional<UtcTime>() : parse_user_time(at);
  if (!at.empty() && !time) {
    throw Error(ErrorKind::invalid, fmt::format("--at {}: neither a snapshot nor a time like 2026-11-23 or "
                                                "2026-11-23T18:45:01Z",
                                                printable(at)));
  }
  const std::vector<SnapshotId> ids = newest_first(vault, entry, stop);
  const auto told = [&](const SnapshotId& id) { return told_time(vault, entry, id, stop); };
  for (std::size_t i = time ? first_not_after(*time, ids, told) : 0; i < ids.size(); ++i) {
    const SnapshotId& id = ids[i];
    try {
      StoredManifest stored = read_known(vault, entry, id, stop);
      if (time && time_of(stored.manifest) > *time) continue;  // a clock was behind
      if (!at.empty() || is_complete(stored.manifest.parts)) return stored;
      notice(fmt::format("snapshot {} is not complete, an older one is taken", id.str()));
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::corrupt && error.kind() != ErrorKind::not_found) throw;
      notice(fmt::format("snapshot {} is damaged, an older one is taken: {}", id.str(), error.message()));
    }
  }
  if (entry.has_only_zips()) throw Error(ErrorKind::not_found, only_zips(entry));
  const std::string reason =
      time ? "no snapshot is as old as " + format_time(*time) : std::string("no snapshot of it is complete");
  throw Error(ErrorKind::not_found, fmt::format("{}: what there is, of which --at takes any, is shown by {}",
                                                reason, vault.command("list", exact_name(entry))));
}

}  // namespace hubkeep
