// Zips of source trees: what is known of each, and the one object that names those of a day, which several
// runs may change. docs/storage-format.md, "Zips".
#pragma once

#include <cstdint>
#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "vault/vault_objects.h"

namespace hubkeep {

struct ZipRecord {
  std::string host;
  std::int64_t id = 0;  // of the repository
  std::string owner;
  std::string name;
  bool is_private = false;
  std::string commit;
  ObjectRecord object;  // its key is from the vault's root on
  /// A repair has found that it cannot be read any more and has written that down.
  bool is_lost = false;
  std::string again;  // the key of the zip of the same commit that a repair has made in its place

  friend bool operator==(const ZipRecord&, const ZipRecord&) = default;
};

nlohmann::ordered_json to_json(const ZipRecord& record);
/// Throws Error(corrupt), also for a key that is none of a zip.
ZipRecord zip_record_from_json(const nlohmann::ordered_json& json);

/// "2026-11-23"
std::string zip_day(UtcTime time);
/// "zip/<day>/<owner>/<name>-<commit>.zip"; of the second and later ones of one day "….2.zip" and so on.
ObjectKey zip_key(std::string_view day, std::string_view owner, std::string_view name,
                  std::string_view commit, int number = 1);
/// Whether `key` is `of`, which zip_key() made, or one of later number.
bool is_numbered_key(std::string_view key, std::string_view of);
/// The day of an object's key "zip/<day>/…"; empty for any other text.
std::string_view day_below_zip(std::string_view key);
/// The day of a record's key "/zip/<day>/….zip"; empty for any other text.
std::string_view day_of_zip(std::string_view record_key);

constexpr std::string_view kZipMetadataName = "metadata.json";
/// "zip/<day>/metadata.json"
ObjectKey zip_metadata_key(std::string_view day);

/// The days that have zips, oldest first. One request.
std::vector<std::string> list_zip_days(VaultObjects& objects);

/// What metadata.json says of a day.
struct ZipDay {
  /// The last day before whose zips were named already: that they are is known even when nothing else says
  /// so. Empty where nobody looked.
  std::string previous = {};
  std::vector<ZipRecord> zips = {};  // by key

  /// Nothing where the day has none under that key.
  const ZipRecord* find(const std::string& record_key) const;
  ZipRecord* find(const std::string& record_key);
  /// Leaves a record that has the same key as it is: an object is written once, so the first to name it is
  /// right.
  void add(const std::vector<ZipRecord>& records);

  friend bool operator==(const ZipDay&, const ZipDay&) = default;
};

/// Throws Error: not_found, corrupt.
ZipDay read_zip_metadata(VaultObjects& objects, const std::string& day, const std::stop_token& stop);

/// Writes what `change` makes of the stored text (nothing: there is none), by compare-and-swap: it is called
/// again when another run was first. Throws Error: what `change` throws, and those of the store.
using ZipDayChange = std::function<ZipDay(const std::optional<std::string>& stored)>;
void change_zip_metadata(VaultObjects& objects, const std::string& day, const ZipDayChange& change,
                         const std::stop_token& stop);

/// Adds `records` to what that day's metadata.json says: what another run adds meanwhile stays. Does nothing
/// without records. Throws Error: corrupt when what is there cannot be read, and those of the store.
void add_to_zip_metadata(VaultObjects& objects, const std::string& day, const std::vector<ZipRecord>& records,
                         const std::stop_token& stop);

/// For a day that gets its first names: ZipDay::previous, not before `at_least`. A request for the days, and
/// one for each day without names that comes after.
std::string last_named_day_before(VaultObjects& objects, const std::string& day, std::string at_least = {});

std::string format_zip_metadata(const std::string& day, const ZipDay& named);
/// Throws Error: corrupt, invalid (another format).
ZipDay parse_zip_metadata(const std::string& day, const std::string& text);

/// What can still be read of a damaged one, line by line; nothing that contradicts itself.
std::vector<ZipRecord> salvage_zip_metadata(const std::string& day, const std::string& text);

}  // namespace hubkeep
