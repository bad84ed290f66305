// metadata.json is for people and their tools, so it is plain JSON with a zip to a line, and its last field
// is the SHA-256 of all bytes before that field. Whoever writes it formats it by hand, so that the hash
// stands at a known distance from the end; whoever reads it checks the end first and then parses zip by zip,
// for a day may have 100,000. Because a zip has a line of its own, what is left of a damaged file can be
// salvaged line by line.
#include "vault/zip_record.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/json.h"
#include "base/text.h"
#include "crypto/hash.h"
#include "vault/json_integer.h"
#include "vault/manifest.h"

namespace hubkeep {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view kZipFolder = "zip/";
constexpr std::size_t kDaySize = 10;  // 2026-11-23
constexpr int kDepthOfRootKey = 1;    // as nlohmann::json counts for its callback
constexpr int kDepthOfListedObject = 2;
constexpr int kMaxRootKeys = 100;  // later versions may have more than these six

// How a document ends whose SHA-256, of all bytes before this, is known.
constexpr std::string_view kBeforeHash = ",\n  \"sha256\": \"";
constexpr std::size_t kHashDigits = 64;
constexpr std::string_view kAfterHash = "\"\n}\n";
constexpr std::size_t kSealSize = kBeforeHash.size() + kHashDigits + kAfterHash.size();

bool is_day(std::string_view text) {
  return text.size() == kDaySize && parse_time(std::string(text) + "T00:00:00Z").has_value();
}

// False when it does not end as one with a hash does. Throws Error(corrupt) when the hash is another.
bool is_sealed(std::string_view text) {
  if (text.size() < kSealSize) return false;
  const std::string_view seal = text.substr(text.size() - kSealSize);
  if (!seal.starts_with(kBeforeHash) || !seal.ends_with(kAfterHash)) return false;
  if (seal.substr(kBeforeHash.size(), kHashDigits) != sha256_hex(text.substr(0, text.size() - kSealSize)))
    throw Error(ErrorKind::corrupt, "is not what was written: its SHA-256 differs");
  return true;
}

// Without a hash it is of an older version, which wrote three fields: a fourth is what a hash was, before its
// name or its place was changed. ZipMetadata.OfAnOlderVersionHasNoHash.
void require_older_version(const Json& head) {
  constexpr std::array<std::string_view, 3> kFields = {"format", "day", "zips"};
  for (const auto& [name, value] : head.items())
    if (std::find(kFields.begin(), kFields.end(), name) == kFields.end())
      throw Error(ErrorKind::corrupt, "is not what was written: it has no SHA-256");
}

void require_zip_key(const std::string& record_key) {
  if (day_of_zip(record_key).empty())
    throw Error(ErrorKind::corrupt, "not the key of a zip: " + printable(record_key));
}

bool comes_before(const ZipRecord& record, const std::string& key) {
  return record.object.key < key;
}

// Those of one key stay in their order. (libstdc++'s std::stable_sort uses what clang refuses as outdated.)
void sort_by_key(std::vector<ZipRecord>& records) {
  std::multimap<std::string, ZipRecord> sorted;
  for (ZipRecord& record : records) {
    std::string key = record.object.key;
    sorted.emplace(std::move(key), std::move(record));
  }
  records.clear();
  for (auto& [key, record] : sorted) records.push_back(std::move(record));
}

// Of the list nothing is kept as a tree but the object that is being read: a day may have 100,000.
void parse_document(const std::string& text, Json& head, std::vector<ZipRecord>& records) {
  using Event = Json::parse_event_t;
  bool in_zips = false;
  int root_keys = 0;
  head = parse_ordered_json(text, kMaxReadWhole, [&](int depth, Event event, Json& parsed) {
    if (event == Event::key && depth == kDepthOfRootKey) {
      in_zips = parsed == "zips";
      if (++root_keys > kMaxRootKeys) throw Error(ErrorKind::corrupt, "says more than hubkeep ever wrote");
    }
    if (!in_zips)
      return depth != kDepthOfRootKey || (event != Event::object_start && event != Event::array_start);
    if (event != Event::object_end || depth != kDepthOfListedObject) return true;
    records.push_back(zip_record_from_json(parsed));
    return false;
  });
}

}  // namespace

Json to_json(const ZipRecord& record) {
  Json json = {{"owner", record.owner}, {"name", record.name}, {"private", record.is_private},
               {"host", record.host},   {"id", record.id},     {"commit", record.commit}};
  json.update(to_json(record.object));
  if (record.is_lost) json["lost"] = true;
  if (!record.again.empty()) json["again"] = record.again;
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
                     .object = object_record_from_json(json),
                     .is_lost = json.value("lost", false),
                     .again = json.value("again", "")};
    require_zip_key(record.object.key);
    if (!record.again.empty()) require_zip_key(record.again);
    return record;
  } catch (const nlohmann::json::exception& error) {
    throw Error(ErrorKind::corrupt, "not the record of a zip: " + printable(error.what()));
  }
}

std::string zip_day(UtcTime time) {
  return format_time(time).substr(0, kDaySize);
}

ObjectKey zip_key(std::string_view day, std::string_view owner, std::string_view name,
                  std::string_view commit, int number) {
  return fmt::format("{}{}/{}/{}{}.zip", kZipFolder, day, encode_name(owner),
                     encode_name(fmt::format("{}-{}", name, commit)),
                     number > 1 ? fmt::format(".{}", number) : "");
}

bool is_numbered_key(std::string_view key, std::string_view of) {
  constexpr std::string_view kEnding = ".zip";
  if (key == of) return true;
  if (!key.ends_with(kEnding) || !of.ends_with(kEnding)) return false;
  key.remove_suffix(kEnding.size());
  of.remove_suffix(kEnding.size());
  if (!key.starts_with(of) || key.size() < of.size() + 2 || key[of.size()] != '.') return false;
  return key.find_first_not_of("0123456789", of.size() + 1) == std::string_view::npos;
}

std::string_view day_below_zip(std::string_view key) {
  if (!key.starts_with(kZipFolder)) return {};
  const std::string_view rest = key.substr(kZipFolder.size());
  const std::string_view day = rest.substr(0, kDaySize);
  return is_day(day) && rest.substr(kDaySize).starts_with('/') ? day : std::string_view();
}

std::string_view day_of_zip(std::string_view record_key) {
  if (!record_key.starts_with('/') || !record_key.ends_with(".zip")) return {};
  return day_below_zip(record_key.substr(1));
}

ObjectKey zip_metadata_key(std::string_view day) {
  return fmt::format("{}{}/{}", kZipFolder, day, kZipMetadataName);
}

std::vector<std::string> list_zip_days(VaultObjects& objects) {
  std::vector<std::string> days;
  objects.list_children(std::string(kZipFolder), [&](std::string_view name) {
    if (name.ends_with('/') && is_day(name.substr(0, name.size() - 1)))
      days.emplace_back(name.substr(0, kDaySize));
    return true;
  });
  return days;
}

const ZipRecord* ZipDay::find(const std::string& record_key) const {
  const auto found = std::lower_bound(zips.begin(), zips.end(), record_key, comes_before);
  return found == zips.end() || found->object.key != record_key ? nullptr : &*found;
}

ZipRecord* ZipDay::find(const std::string& record_key) {
  const auto found = std::lower_bound(zips.begin(), zips.end(), record_key, comes_before);
  return found == zips.end() || found->object.key != record_key ? nullptr : &*found;
}

void ZipDay::add(const std::vector<ZipRecord>& records) {
  zips.insert(zips.end(), records.begin(), records.end());
  sort_by_key(zips);
  const auto same_key = [](const ZipRecord& a, const ZipRecord& b) { return a.object.key == b.object.key; };
  zips.erase(std::unique(zips.begin(), zips.end(), same_key), zips.end());
}

ZipDay parse_zip_metadata(const std::string& day, const std::string& text) {
  return with_context(zip_metadata_key(day), [&] {
    try {
      const bool sealed = is_sealed(text);
      Json head;
      ZipDay named;
      parse_document(text, head, named.zips);
      if (const int format = integer_from_json<int>(head.at("format")); format != kFormatVersion)
        throw Error(ErrorKind::invalid,
                    fmt::format("format {} is not known to this version of hubkeep", format));
      if (head.at("day") != day) throw Error(ErrorKind::corrupt, "is that of another day");
      if (!sealed) require_older_version(head);
      named.previous = head.value("previous", "");
      if (!named.previous.empty() && !is_day(named.previous))
        throw Error(ErrorKind::corrupt, "not a day: " + printable(named.previous));
      for (const ZipRecord& record : named.zips)
        if (day_of_zip(record.object.key) != day)
          throw Error(ErrorKind::corrupt, "names a zip of another day: " + record.object.key);
      sort_by_key(named.zips);
      return named;
    } catch (const nlohmann::json::exception& error) {
      throw Error(ErrorKind::corrupt, "is damaged: " + printable(error.what()));
    }
  });
}

std::string format_zip_metadata(const std::string& day, const ZipDay& named) {
  std::string text = fmt::format("{{\n  \"format\": {},\n  \"day\": \"{}\"", kFormatVersion, day);
  if (!named.previous.empty()) text += fmt::format(",\n  \"previous\": \"{}\"", named.previous);
  text += ",\n  \"zips\": [";
  for (std::size_t i = 0; i < named.zips.size(); ++i)
    text += (i == 0 ? "\n    " : ",\n    ") + to_json(named.zips[i]).dump();
  text += named.zips.empty() ? "]" : "\n  ]";
  if (text.size() + kSealSize > kMaxReadWhole)
    throw Error(
        ErrorKind::invalid,
        fmt::format("{} would have {}, and no more than {} of it are read: split the run, as by --org, "
                    "over several vaults",
                    zip_metadata_key(day), human_size(text.size()), human_size(kMaxReadWhole)));
  const std::string hash = sha256_hex(text);
  return text.append(kBeforeHash).append(hash).append(kAfterHash);
}

// Nothing vouches for a line here but the line itself: where its key is not made of its own name and commit,
// something was changed. ZipMetadata.GivesTheLinesThatAreWholeWhereOneIsDamaged.
std::vector<ZipRecord> salvage_zip_metadata(const std::string& day, const std::string& text) {
  std::vector<ZipRecord> records;
  for (std::string_view line : split(text, '\n')) {
    while (line.ends_with(',')) line.remove_suffix(1);
    try {
      const ZipRecord record = zip_record_from_json(parse_ordered_json(line));
      const ObjectKey key = zip_key(day, record.owner, record.name, record.commit);
      if (is_numbered_key(resolve_key("", record.object.key), key)) records.push_back(record);
    } catch (const nlohmann::json::exception&) {
      continue;  // not a record, or not any more
    } catch (const Error&) {
      continue;
    }
  }
  return records;
}

ZipDay read_zip_metadata(VaultObjects& objects, const std::string& day, const std::stop_token& stop) {
  const ObjectKey key = zip_metadata_key(day);
  StringSink text(kMaxReadWhole, key);
  objects.read(key, text, stop);
  return parse_zip_metadata(day, text.str());
}

void change_zip_metadata(VaultObjects& objects, const std::string& day, const ZipDayChange& change,
                         const std::stop_token& stop) {
  const auto format = [&](const std::optional<std::string>& stored) {
    return format_zip_metadata(day, change(stored));
  };
  objects.update(zip_metadata_key(day), format, stop);
}

void add_to_zip_metadata(VaultObjects& objects, const std::string& day, const std::vector<ZipRecord>& records,
                         const std::stop_token& stop) {
  if (records.empty()) return;
  const auto add = [&](const std::optional<std::string>& stored) {
    ZipDay named =
        // The first to name a day also names the day before it, so that verify misses that one when it is
        // lost whole. ZipMetadata.NamesTheDayBefore.
        stored ? parse_zip_metadata(day, *stored) : ZipDay{.previous = last_named_day_before(objects, day)};
    named.add(records);
    return named;
  };
  change_zip_metadata(objects, day, add, stop);
}

std::string last_named_day_before(VaultObjects& objects, const std::string& day, std::string at_least) {
  const std::vector<std::string> days = list_zip_days(objects);
  for (auto each = days.rbegin(); each != days.rend() && *each > at_least; ++each)
    if (*each < day && objects.find(zip_metadata_key(*each))) return *each;
  return at_least;
}

}  // namespace hubkeep
