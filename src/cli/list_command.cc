#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <set>

#include "app/wiring.h"
#include "base/error.h"
#include "base/log.h"
#include "base/text.h"
#include "cli/command_table.h"
#include "cli/list_missing.h"
#include "cli/output.h"
#include "http/clock_watch.h"
#include "store/leftovers.h"
#include "vault/contents.h"
#include "vault/future_snapshots.h"
#include "vault/meta_part.h"
#include "vault/object_list.h"
#include "vault/select_snapshot.h"
#include "vault/written_by.h"

namespace hubkeep {
namespace {

using Json = nlohmann::ordered_json;

/// Which parts any repository of a list has: each has a word, or null, under the name of each.
PartNames parts_in(const Catalog& catalog) {
  PartNames names;
  for (const auto& [key, entry] : catalog)
    for (const CatalogSnapshot& snapshot : entry.newest)
      for (const auto& [name, status] : snapshot.parts) names.insert(name);
  return names;
}

// How complete each part is. What is called as a field of ours is left out of the JSON: only `show` has it.
void describe_parts(const PartStatuses& parts, const PartNames& names, Json& json) {
  constexpr std::array<std::string_view, 10> kOurs = {"from_the_future", "gone_since", "size",    "zip",
                                                      "objects",         "kind",       "made_at", "id",
                                                      "newest",          "not_proved"};
  for (const PartName& name : names) {
    if (json.contains(name) || std::find(kOurs.begin(), kOurs.end(), name) != kOurs.end()) continue;
    const auto found = parts.find(name);
    json[name] = found == parts.end() ? Json(nullptr) : Json(found->second.word());
  }
}

Json describe_entry(const CatalogEntry& entry, const PartNames& parts) {
  Json json = {{"repository", entry.listing.full_name},
               {"id", entry.id},
               {"host", entry.host},
               {"folder", entry.folder},
               {"previous_names", entry.previous_names},
               {"newest", entry.newest.empty() ? Json(nullptr) : Json(entry.newest.front().snapshot.str())}};
  add_kind(json, entry.id);
  describe_parts(entry.newest.empty() ? PartStatuses() : entry.newest.front().parts, parts, json);
  json.update({{"from_the_future", is_from_the_future(entry, SystemClock().now())},
               {"gone_since", entry.gone_since ? Json(format_time(*entry.gone_since)) : Json(nullptr)},
               {"not_proved", entry.newest.empty() ? PartNames() : entry.newest.front().not_proved},
               {"size", entry.size},
               {"zip", entry.zip ? Json(entry.zip->key.substr(1)) : Json(nullptr)}});
  return json;
}

void print_entry(const CatalogEntry& entry) {
  const std::string when = entry.newest.empty() ? "-" : format_time(entry.newest.front().snapshot.time());
  std::string notes = entry.id.is_repository() ? "" : fmt::format("  {}", root_of(entry.id.kind()).name);
  if (entry.gone_since) notes += "  gone from GitHub since " + format_time(*entry.gone_since);
  if (!entry.newest.empty() && !are_all_ok(entry.newest.front().parts))
    notes += "  " + describe_incomplete(entry.newest.front().parts);
  if (!entry.newest.empty() && !entry.newest.front().not_proved.empty()) notes += "  not proved";
  if (is_from_the_future(entry, SystemClock().now())) notes += "  from the future";
  if (entry.zip && entry.has_only_zips())
    notes += "  no history; its newest zip is " + printable(entry.zip->key.substr(1));
  print(fmt::format("{}  {:>10}  {}{}\n", when, human_size(entry.size), printable(entry.listing.full_name),
                    notes));
}

Json describe(const std::optional<Leftovers>& left) {
  return left ? Json{{"count", left->left}, {"bytes", left->bytes}} : Json(nullptr);
}

std::optional<Leftovers> find_leftovers(VaultObjects& objects) {
  try {
    return objects.leftovers();
  } catch (const Error& error) {
    log_notice(error.message());
    return std::nullopt;
  }
}

void list_repositories(Vault& vault, const Catalog& catalog, bool json) {
  const std::optional<Leftovers> left = find_leftovers(vault.objects());
  Json result = Json::array();
  const PartNames parts = parts_in(catalog);
  std::vector<const CatalogEntry*> by_name;
  for (const auto& [key, entry] : catalog) by_name.push_back(&entry);
  std::sort(by_name.begin(), by_name.end(), [](const auto* a, const auto* b) {
    return to_lower(a->listing.full_name) < to_lower(b->listing.full_name);
  });
  for (const auto* entry : by_name) {
    if (json) {
      result.push_back(describe_entry(*entry, parts));
    } else {
      print_entry(*entry);
    }
  }
  if (json) {
    print(format_json_to_print(
              {{"vault", vault.id()}, {"left_over", describe(left)}, {"repositories", result}}) +
          "\n");
    return;
  }
  print(fmt::format("vault {} in {}\n", printable(vault.id()), printable(vault.objects().description())));
  if (left && left->left > 0)
    print(fmt::format("left over: {}, of runs that were killed, or of one that is under way\n",
                      describe_leftovers(left->left, left->bytes)));
  const auto unproved = std::count_if(by_name.begin(), by_name.end(), [](const CatalogEntry* entry) {
    return !entry->newest.empty() && !entry->newest.front().not_proved.empty();
  });
  if (unproved > 0)
    log_notice(fmt::format("{} not proved to be whole; to prove it: {}",
                           unproved == 1 ? "1 repository is" : fmt::format("{} repositories are", unproved),
                           vault.command("verify --deep")));
  if (const std::string text = future_snapshots_text(catalog, SystemClock().now()); !text.empty())
    log_notice(text);
}

std::optional<Manifest> readable(Vault& vault, const std::string& folder, const SnapshotId& id,
                                 const std::stop_token& stop) {
  try {
    return vault.read_manifest(folder, id, {}, stop).manifest;
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::corrupt && error.kind() != ErrorKind::not_found) throw;
    log_notice(error.message());
    return std::nullopt;
  }
}

Json describe_snapshot(const Manifest& manifest, const Contents& contents) {
  Json json = {{"snapshot", manifest.snapshot.str()},
               {"made_at", format_time(time_of(manifest))},
               {"full_name", manifest.listing.full_name}};
  const PartStatuses parts = statuses_of(manifest.parts);
  PartNames names;
  for (const auto& [name, status] : parts) names.insert(name);
  describe_parts(parts, names, json);
  json.update({{"not_proved", names_not_proved(manifest.parts)},
               {"objects", contents.objects},
               {"size", contents.size}});
  return json;
}

void print_snapshot(const Manifest& manifest, const Contents& contents) {
  const PartStatuses parts = statuses_of(manifest.parts);
  const std::string status = are_all_ok(parts) ? "" : "  " + describe_incomplete(parts);
  const UtcTime made = time_of(manifest);
  const auto when = is_off(made - manifest.snapshot.time())
                        ? fmt::format("  made {} by GitHub's clock", format_time(made))
                        : "";
  print(fmt::format("{}  {:>10} in {}  {}{}{}{}\n", manifest.snapshot.str(), human_size(contents.size),
                    count_of(contents.objects, "object"), printable(manifest.listing.full_name),
                    status + (names_not_proved(manifest.parts).empty() ? "" : "  not proved"),
                    manifest.gone_since ? "  gone from GitHub" : "", when));
}

void list_snapshots(Vault& vault, const CatalogEntry& entry, bool json, const std::stop_token& stop) {
  Json result = Json::array();
  for (const auto& id : vault.list_snapshots(entry.folder)) {
    const auto manifest = readable(vault, entry.folder, id, stop);
    if (!manifest) {
      if (json) result.push_back({{"snapshot", id.str()}, {"damaged", true}});
      if (!json) print(fmt::format("{}  damaged: its manifest cannot be read\n", id.str()));
      continue;
    }
    Contents contents;
    as_written_by(manifest->program, [&] {
      contents = contents_of(manifest->parts, entry.folder, read_lists(vault.objects(), entry.folder, stop));
    });
    if (contents.problem) log_notice(contents.problem->message());
    if (json)
      result.push_back(describe_snapshot(*manifest, contents));
    else
      print_snapshot(*manifest, contents);
  }
  if (entry.has_only_zips()) log_notice(only_zips(entry));
  if (json) print(format_json_to_print({{"snapshots", result}}) + "\n");
}

// Of each repository in its newest snapshot.
void list_missing(Vault& vault, const std::vector<const CatalogEntry*>& entries, bool json,
                  const std::stop_token& stop) {
  Json result = Json::array();
  bool is_any = false;
  for (const CatalogEntry* entry : entries) {
    if (entry->newest.empty()) continue;
    const auto manifest = readable(vault, entry->folder, entry->newest.front().snapshot, stop);
    const auto part = manifest ? manifest->parts.find(PartName(kMetaPart)) : Parts::const_iterator();
    if (!manifest || part == manifest->parts.end() || !is_meta_part(part->second)) continue;
    const MetaPart meta = meta_part(part->second);
    const std::string text = missing_text(entry->listing.full_name, meta);
    if (text.empty()) continue;
    is_any = true;
    if (!json) print(text);
    if (json) result.push_back({{"repository", entry->listing.full_name}, {"missing", missing_json(meta)}});
  }
  if (json) print(format_json_to_print({{"repositories", result}}) + "\n");
  if (!json && !is_any) print("nothing is missing of what GitHub knows of these repositories\n");
}

std::vector<const CatalogEntry*> all_of(const Catalog& catalog) {
  std::vector<const CatalogEntry*> entries;
  for (const auto& [key, entry] : catalog) entries.push_back(&entry);
  return entries;
}

ExitCode run(const CommandCall& call, const Settings& settings, const std::stop_token& stop) {
  const auto vault = open_vault_to_read(settings, stop);
  const Catalog catalog = vault->load_catalog(log_notice, stop);
  const auto named = [&]() -> const CatalogEntry& {
    return find_repository(catalog, call.repositories.front(), vault->command("list"));
  };
  if (call.has("missing")) {
    const bool is_of_all = call.repositories.empty();
    list_missing(*vault, is_of_all ? all_of(catalog) : std::vector{&named()}, settings.json, stop);
  } else if (call.repositories.empty()) {
    list_repositories(*vault, catalog, settings.json);
  } else {
    list_snapshots(*vault, named(), settings.json, stop);
  }
  return ExitCode::ok;
}

}  // namespace

CommandDefinition list_command() {
  return {
      .name = "list",
      .settings = Command::reader,
      .usage = "hubkeep list [OWNER/NAME] [FLAGS]",
      .summary = "show the repositories in a vault, or the snapshots of one",
      .story =
          "With --missing, the kinds of documents (issues, comments, hooks and the like) of which the vault "
          "has "
          "others than GitHub counts, or has none because the token may not see them, with the reason. Needs "
          "neither GitHub nor a token.",
      .examples =
          "  hubkeep list\n"
          "  hubkeep list acme/site --from /srv/github-vault\n"
          "  hubkeep list --missing\n",
      .plain_flags = {{"missing", "what GitHub has and the vault does not, with the reason"}},
      .max_arguments = 1,
      .run = run};
}

}  // namespace hubkeep
