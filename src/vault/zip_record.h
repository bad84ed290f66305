// Zips of source trees: what is known of each, and the one object that names those of a day, which several
// runs may change. docs/storage-format.md, "Zips".
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "vault/object_record.h"

namespace hubkeep {

struct ZipRecord {
  std::string host;
  std::int64_t id = 0;  // of the repository
  std::string owner;
  std::string name;
  bool is_private = false;
  std::string commit;
  ObjectRecord object;  // its key is from the vault's root on

  friend bool operator==(const ZipRecord&, const ZipRecord&) = default;
};

nlohmann::ordered_json to_json(const ZipRecord& record);
/// Throws Error(corrupt), also for a key that is none of a zip.
ZipRecord zip_record_from_json(const nlohmann::ordered_json& json);

/// "2026-11-23"
std::string zip_day(UtcTime time);
/// "zip/<day>/<owner>/<name>-<commit>.zip"
ObjectKey zip_key(std::string_view day, std::string_view owner, std::string_view name,
                  std::string_view commit);
/// The day of "/zip/<day>/…"; empty for any other text.
std::string_view day_of_zip(std::string_view record_key);

constexpr std::string_view kZipMetadataName = "metadata.json";
/// "zip/<day>/metadata.json"
ObjectKey zip_metadata_key(std::string_view day);

/// The days that have zips, oldest first. One request.
std::vector<std::string> list_zip_days(ObjectStore& store);

/// The zips of a day, by key. Throws Error: not_found, corrupt.
std::vector<ZipRecord> read_zip_metadata(ObjectStore& store, const std::string& day,
                                         const std::stop_token& stop);

/// Adds `records` to what that day's metadata.json says, by compare-and-swap: what another run adds meanwhile
/// stays. A record replaces one with the same key. Does nothing without records. Throws Error: corrupt when
/// what is there cannot be read, and those of the store.
void add_to_zip_metadata(ObjectStore& store, const std::string& day, const std::vector<ZipRecord>& records,
                         const std::stop_token& stop);

std::string format_zip_metadata(const std::string& day, const std::vector<ZipRecord>& records);
/// Throws Error: corrupt, invalid (another format).
std::vector<ZipRecord> parse_zip_metadata(const std::string& day, const std::string& json);

}  // namespace hubkeep
