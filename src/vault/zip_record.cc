#include "vault/zip_record.h"

#include <fmt/format.h>

#include <map>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/json_depth.h"
#include "base/text.h"
#include "vault/json_integer.h"
#include "vault/manifest.h"

namespace hubkeep {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view kZipFolder = "zip/";
constexpr std::size_t kDaySize = 10;    // 2026-11-23
constexpr int kMaxMetadataRaces = 100;  // each of them means that another run got its own zips in
constexpr int kDepthOfRootKey = 1;      // as nlohmann::json counts for its callback
constexpr int kDepthOfListedObject = 2;

bool is_day(std::string_view text) {
  return text.size() == kDaySize && parse_time(std::string(text) + "T00:00:00Z").has_value();
}

// Of the list nothing is kept as a tree but the object that is being read: a day may have 100,000.
void parse_document(const std::string& text, Json& head, std::vector<ZipRecord>& records) {
  check_json_depth(text);
  bool in_zips = false;
  head = Json::parse(text, [&](int depth, Json::parse_event_t event, Json& parsed) {
    if (event == Json::parse_event_t::key && depth == kDepthOfRootKey) in_zips = parsed == "zips";
    if (!in_zips || event != Json::parse_event_t::object_end || depth != kDepthOfListedObject) return true;
    records.push_back(zip_record_from_json(parsed));
    return false;
  });
}

std::optional<VersionedBytes> read_if_there(ObjectStore& store, const std::string& day,
                                            const std::stop_token& stop) {
  try {
    return store.read_versioned(zip_metadata_key(day), stop);
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::not_found) throw;
    return std::nullopt;
  }
}

}  // namespace

Json to_json(const ZipRecord& record) {
  Json json = {{"owner", record.owner}, {"name", record.name}, {"private", record.is_private},
               {"host", record.host},   {"id", record.id},     {"commit", record.commit}};
  json.update(to_json(record.object));
  return json;
}

ZipRecord zip_record_from_json(const Json& json) {
  try {
    ZipRecord record{.host = json.at("host"),
                     .id = integer_from_json<std::int64_t>(json.at("id")),
                     .owner = json.at("owner"),
                     .name = json.at("name"),
                     .is_private = json.at("private"),
                     .commit = json.at("commit"),
                     .object = object_record_from_json(json)};
    if (!day_of_zip(record.object.key).empty()) return record;
    throw Error(ErrorKind::corrupt, "no zip's key: " + printable(record.object.key));
  } catch (const nlohmann::json::exception& error) {
    throw Error(ErrorKind::corrupt, "no zip's record: " + printable(error.what()));
  }
}

std::string zip_day(UtcTime time) {
  return format_time(time).substr(0, kDaySize);
}

ObjectKey zip_key(std::string_view day, std::string_view owner, std::string_view name,
                  std::string_view commit) {
  return fmt::format("{}{}/{}/{}.zip", kZipFolder, day, encode_name(owner),
                     encode_name(fmt::format("{}-{}", name, commit)));
}

std::string_view day_of_zip(std::string_view record_key) {
  const std::string root = "/" + std::string(kZipFolder);
  if (!record_key.starts_with(root) || !record_key.ends_with(".zip")) return {};
  const std::string_view rest = record_key.substr(root.size());
  const std::string_view day = rest.substr(0, kDaySize);
  return is_day(day) && rest.substr(kDaySize).starts_with('/') ? day : std::string_view();
}

ObjectKey zip_metadata_key(std::string_view day) {
  return fmt::format("{}{}/{}", kZipFolder, day, kZipMetadataName);
}

std::vector<std::string> list_zip_days(ObjectStore& store) {
  std::vector<std::string> days;
  store.list_children(std::string(kZipFolder), [&](std::string_view name) {
    if (name.ends_with('/') && is_day(name.substr(0, name.size() - 1)))
      days.emplace_back(name.substr(0, kDaySize));
    return true;
  });
  return days;
}

std::vector<ZipRecord> parse_zip_metadata(const std::string& day, const std::string& text) {
  return with_context(zip_metadata_key(day), [&] {
    try {
      Json head;
      std::vector<ZipRecord> records;
      parse_document(text, head, records);
      if (const int format = integer_from_json<int>(head.at("format")); format != kFormatVersion)
        throw Error(ErrorKind::invalid,
                    fmt::format("format {} is not known to this version of hubkeep", format));
      if (head.at("day") != day) throw Error(ErrorKind::corrupt, "is that of another day");
      for (const ZipRecord& record : records)
        if (day_of_zip(record.object.key) != day)
          throw Error(ErrorKind::corrupt, "names a zip of another day: " + record.object.key);
      return records;
    } catch (const nlohmann::json::exception& error) {
      throw Error(ErrorKind::corrupt, "is damaged: " + printable(error.what()));
    }
  });
}

std::string format_zip_metadata(const std::string& day, const std::vector<ZipRecord>& records) {
  std::string text =
      fmt::format("{{\n  \"format\": {},\n  \"day\": \"{}\",\n  \"zips\": [", kFormatVersion, day);
  for (std::size_t i = 0; i < records.size(); ++i)
    text += (i == 0 ? "\n    " : ",\n    ") + to_json(records[i]).dump();
  return text + (records.empty() ? "]\n}\n" : "\n  ]\n}\n");
}

std::vector<ZipRecord> read_zip_metadata(ObjectStore& store, const std::string& day,
                                         const std::stop_token& stop) {
  return parse_zip_metadata(day, store.read_versioned(zip_metadata_key(day), stop).bytes);
}

void add_to_zip_metadata(ObjectStore& store, const std::string& day, const std::vector<ZipRecord>& records,
                         const std::stop_token& stop) {
  if (records.empty()) return;
  for (int race = 0; race < kMaxMetadataRaces; ++race) {
    const auto stored = read_if_there(store, day, stop);
    std::map<std::string, ZipRecord> merged;
    if (stored)
      for (auto& record : parse_zip_metadata(day, stored->bytes)) merged.insert({record.object.key, record});
    for (const auto& record : records) merged.insert_or_assign(record.object.key, record);
    std::vector<ZipRecord> all;
    all.reserve(merged.size());
    for (auto& [key, record] : merged) all.push_back(std::move(record));
    const auto writer = store.create(zip_metadata_key(day));
    writer->write(format_zip_metadata(day, all));
    const auto precondition = stored ? Precondition::unchanged(stored->version) : Precondition::absent();
    if (writer->commit(precondition) == CommitResult::committed) return;
  }
  throw Error(ErrorKind::transient, zip_metadata_key(day) + " was changed by other runs again and again");
}

}  // namespace hubkeep
