// A day's names are put together from whatever still says something of them. The first record of a key stays
// (ZipDay::add()), so the surest sources are asked first: what is stored, this run, the reports of the day's
// runs, the whole lines of a damaged file. A zip that none of them names is read: its comment says of which
// commit it is, and its key must be one that a known repository's name and that commit make. The catalog
// comes last, for zips that are not there any more.
#include "backup/zip_names.h"

#include <fmt/format.h>

#include <algorithm>

#include "backup/zip_check.h"
#include "base/error.h"
#include "base/json.h"
#include "base/text.h"
#include "vault/key_kind.h"
#include "vault/lines.h"
#include "vault/run_report.h"

namespace hubkeep {
namespace {

using Json = nlohmann::ordered_json;

bool is_lost_or_damaged(const Error& error) {
  return error.kind() == ErrorKind::corrupt || error.kind() == ErrorKind::not_found;
}

Catalog readable_catalog(Vault& vault, const std::stop_token& stop) {
  try {
    return vault.read_catalog(stop).value_or(Catalog());
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::corrupt) throw;
    return {};
  }
}

bool names_a_zip_of(const Catalog& catalog, const std::string& day) {
  return std::any_of(catalog.begin(), catalog.end(), [&](const auto& known) {
    return known.second.zip && day_of_zip(known.second.zip->key) == day;
  });
}

std::string last_day_before(const Catalog& catalog, const std::string& day) {
  std::string last;
  for (const auto& [key, entry] : catalog) {
    if (!entry.zip) continue;
    const std::string known(day_of_zip(entry.zip->key));
    if (known < day && known > last) last = known;
  }
  return last;
}

std::vector<std::string> names_of(const CatalogEntry& entry) {
  std::vector<std::string> names = entry.previous_names;
  names.insert(names.begin(), entry.listing.full_name);
  return names;
}

ZipRecord record_of(const CatalogEntry& entry, const std::string& full_name, std::string commit) {
  const auto slash = full_name.find('/');
  return {.host = entry.host,
          .id = entry.id.number(),
          .owner = full_name.substr(0, slash),
          .name = slash == std::string::npos ? "" : full_name.substr(slash + 1),
          .is_private = entry.listing.visibility != "public",
          .commit = std::move(commit),
          .object = {.encoding = "identity"}};
}

class DayRemake {
 public:
  DayRemake(Vault& vault, const std::string& day, const std::stop_token& stop)
      : vault_(vault),
        objects_(vault.objects()),
        day_(day),
        stop_(stop),
        catalog_(readable_catalog(vault, stop)) {
    const auto quiet = [](const std::string&) {};  // what it stumbles over is verify's to tell
    if (catalog_.empty()) catalog_ = rebuild_catalog(vault_, quiet, stop_);
  }

  RemadeZipDay run(const std::optional<std::string>& stored, const std::vector<ZipRecord>& known) {
    const std::vector<ZipRecord> salvaged = read_stored(stored);
    named().add(known);
    read_reports();
    keep_salvaged(salvaged);
    objects_.list("zip/" + day_ + "/", "", [&](const ObjectInfo& object) {
      if (kind_of(object.key) == KeyKind::zip && !named().find("/" + object.key))
        unnamed_.push_back(object.key);
      return true;
    });
    for (const ObjectKey& key : unnamed_) name_by_itself(key);
    name_by_catalog();
    if (named().previous.empty())
      named().previous = last_named_day_before(objects_, day_, last_day_before(catalog_, day_));
    if (named().zips.empty())
      remade_.unclear.push_back(
          fmt::format("which zips there were on {} is not known any more: none of them is left", day_));
    return std::move(remade_);
  }

 private:
  ZipDay& named() { return remade_.named; }

  // All of it when it is whole, else the lines that are.
  std::vector<ZipRecord> read_stored(const std::optional<std::string>& stored) {
    if (!stored) return {};
    try {
      named() = parse_zip_metadata(day_, *stored);
      return {};
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::corrupt) throw;
      return salvage_zip_metadata(day_, *stored);
    }
  }

  // The name of a run begins with the day.
  void read_reports() {
    std::string day = day_;
    std::erase(day, '-');
    const std::string prefix = "runs/" + day;
    std::vector<ObjectKey> reports;
    objects_.list("runs/", prefix, [&](const ObjectInfo& object) {
      if (kind_of(object.key) == KeyKind::run) reports.push_back(object.key);
      return object.key.starts_with(prefix);
    });
    for (const ObjectKey& key : reports)
      if (key.starts_with(prefix)) named().add(zips_of_report(key));
  }

  std::vector<ZipRecord> zips_of_report(const ObjectKey& key) const {
    std::vector<ZipRecord> zips;
    try {
      LineSplitter lines(
          [&](std::string_view line) {
            const Json json = parse_ordered_json(line);
            if (!json.contains("zip")) return;
            zips.push_back(zip_record_from_json(json.at("zip")));
            if (day_of_zip(zips.back().object.key) != day_) zips.pop_back();
          },
          {});
      objects_.read(key, lines, stop_);
      lines.finish();
      return zips;
    } catch (const nlohmann::json::exception&) {
      return {};
    } catch (const Error& error) {
      if (!is_lost_or_damaged(error) && error.kind() != ErrorKind::cold) throw;
      return {};
    }
  }

  // A report does not know what was lost later.
  void keep_salvaged(const std::vector<ZipRecord>& salvaged) {
    for (const ZipRecord& record : salvaged) {
      ZipRecord* reported = named().find(record.object.key);
      if (!reported) continue;
      reported->is_lost = record.is_lost;
      reported->again = record.again;
    }
    named().add(salvaged);
  }

  void name_by_itself(const ObjectKey& key) {
    ZipCheck check;
    RecordingSink seen;
    TeeSink both(check, seen);
    try {
      objects_.read(key, both, stop_);
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::cold) throw;
      remade_.unclear.push_back(key +
                                " stays without a name: it is in an archive class, so it cannot be seen "
                                "what it is");
      return;
    }
    const auto commit = check.commit();
    const auto record = commit ? repository_of(key, *commit) : std::nullopt;
    if (!record) {
      remade_.unclear.push_back(key + " stays without a name: " +
                                (commit ? "nothing says of which repository it is"
                                        : "it is not whole, or does not say of which commit it is"));
      return;
    }
    named().add({*record});
    named().find("/" + key)->object = seen.finish("/" + key, "identity");
  }

  // The one whose names, now or before, make this key.
  std::optional<ZipRecord> repository_of(const ObjectKey& key, const std::string& commit) const {
    std::optional<ZipRecord> found;
    bool is_clear = true;
    for (const auto& [unused, entry] : catalog_) {
      if (!entry.id.is_repository()) continue;
      for (const std::string& name : names_of(entry)) {
        ZipRecord record = record_of(entry, name, commit);
        if (!makes(record, key)) continue;
        record.object.key = "/" + key;
        if (entry.zip && entry.zip->key == record.object.key) return record;
        // Two repositories may have had the same name:
        // ZipNamesTest.StayAwayFromZipsOfWhichNobodyKnowsWhoseTheyAre.
        if (found && (found->id != record.id || found->host != record.host)) is_clear = false;
        found = std::move(record);
      }
    }
    return is_clear ? found : std::nullopt;
  }

  bool makes(const ZipRecord& record, const ObjectKey& key) const {
    return !record.owner.empty() && !record.name.empty() &&
           is_numbered_key(key, zip_key(day_, record.owner, record.name, record.commit));
  }

  void name_by_catalog() {
    for (const auto& [unused, entry] : catalog_) {
      if (!entry.zip || day_of_zip(entry.zip->key) != day_ || named().find(entry.zip->key)) continue;
      ZipRecord record = record_of(entry, entry.listing.full_name, entry.zip->commit);
      for (const std::string& name : names_of(entry)) {
        ZipRecord other = record_of(entry, name, entry.zip->commit);
        if (makes(other, resolve_key("", entry.zip->key))) record = std::move(other);
      }
      record.object.key = entry.zip->key;
      named().add({record});
    }
  }

  Vault& vault_;
  VaultObjects& objects_;
  const std::string& day_;
  const std::stop_token& stop_;
  Catalog catalog_;
  std::vector<ObjectKey> unnamed_;
  RemadeZipDay remade_;
};

// The day as it is named so far. What had to be made again for that is told.
ZipDay names_so_far(Vault& vault, const std::string& day, const std::optional<std::string>& stored,
                    const std::vector<ZipRecord>& zips, std::vector<std::string>& told) {
  std::string what = "is missing";
  if (stored) {
    try {
      return parse_zip_metadata(day, *stored);
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::corrupt) throw;
      what = "is damaged";
    }
  } else {
    const Catalog catalog = readable_catalog(vault, {});
    if (!names_a_zip_of(catalog, day))
      return {.previous = last_named_day_before(vault.objects(), day, last_day_before(catalog, day))};
  }
  RemadeZipDay remade = remake_zip_day(vault, day, stored, zips, {});
  told = std::move(remade.unclear);
  told.insert(told.begin(),
              fmt::format("{} {}: it is made again; hubkeep verify says whether what it names is there",
                          zip_metadata_key(day), what));
  return std::move(remade.named);
}

}  // namespace

RemadeZipDay remake_zip_day(Vault& vault, const std::string& day, const std::optional<std::string>& stored,
                            const std::vector<ZipRecord>& known, const std::stop_token& stop) {
  return DayRemake(vault, day, stop).run(stored, known);
}

void name_zips(Vault& vault, const std::string& day, const std::vector<ZipRecord>& zips,
               std::vector<CatalogUpdate>& updates, std::vector<std::string>& problems) {
  if (zips.empty()) return;
  std::vector<std::string> told;
  const auto add = [&](const std::optional<std::string>& stored) {
    told.clear();
    ZipDay named = names_so_far(vault, day, stored, zips, told);
    named.add(zips);
    return named;
  };
  try {
    change_zip_metadata(vault.objects(), day, add, {});
    problems.insert(problems.end(), told.begin(), told.end());
  } catch (const Error& error) {
    problems.push_back("the zips of this run could not be named (the next run does it): " + error.message());
    // A catalog that knows of a zip that nothing names would keep the next run from making it.
    for (CatalogUpdate& update : updates) update.entry.zip.reset();
    std::erase_if(updates, [](const CatalogUpdate& update) { return update.entry.newest.empty(); });
  }
}

}  // namespace hubkeep
