#include "vault/lfs_part.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/json.h"
#include "base/text.h"
#include "vault/json_fields.h"
#include "vault/lines.h"
#include "vault/object_list.h"

namespace hubkeep {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view kRoot = "/lfs/";
constexpr std::size_t kOidSize = 64;
// A line has what the server says of an object, which is cut where it comes in.
constexpr LineLimits kCursorLimits{.line = ByteCount{1} << 16, .total = ByteCount{1} << 30};

constexpr std::array kLacks = {LfsLack::pending, LfsLack::missing, LfsLack::over_quota, LfsLack::too_large,
                               LfsLack::refused};

bool is_oid(std::string_view text) {
  return text.size() == kOidSize && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

LfsLack parse_lack(const std::string& text) {
  const auto found =
      std::find_if(kLacks.begin(), kLacks.end(), [&](LfsLack why) { return to_string(why) == text; });
  // What a later version says is a reason, too: the object is lacking, and is asked for again.
  return found == kLacks.end() ? LfsLack::refused : *found;
}

template <typename Action>
auto read_as(std::string_view what, Action&& action) -> decltype(action()) {
  try {
    return action();
  } catch (const nlohmann::json::exception& error) {
    throw Error(ErrorKind::corrupt, fmt::format("not {}: {}", what, printable(error.what())));
  }
}

std::vector<SnapshotId> bundles_from_json(const Json& json, const char* name) {
  std::vector<SnapshotId> bundles;
  if (json.contains(name))
    for (const Json& bundle : json.at(name)) bundles.push_back(snapshot_from_json(bundle));
  return bundles;
}

Json to_json(const std::vector<SnapshotId>& bundles) {
  Json json = Json::array();
  for (const SnapshotId& bundle : bundles) json.push_back(bundle.str());
  return json;
}

LfsPart lfs_from_json(const Json& json) {
  LfsPart lfs{.status = PartStatus(json.at("status").get<std::string>())};
  // A part that failed before it could be looked at has its status alone.
  if (json.contains("pointers")) lfs.pointers = integer_from_json<std::uint64_t>(json.at("pointers"));
  if (json.contains("bytes")) lfs.bytes = integer_from_json<ByteCount>(json.at("bytes"));
  lfs.scanned = bundles_from_json(json, "scanned");
  lfs.unread = bundles_from_json(json, "unread");
  lfs.overfull = bundles_from_json(json, "overfull");
  if (json.contains("pending")) lfs.pending = integer_from_json<std::uint64_t>(json.at("pending"));
  if (json.contains("unresolved")) lfs.unresolved = integer_from_json<std::uint64_t>(json.at("unresolved"));
  if (json.contains("objects"))
    for (const Json& list : json.at("objects")) lfs.objects.push_back(object_record_from_json(list));
  if (json.contains("cursor")) lfs.cursor = object_record_from_json(json.at("cursor"));
  return lfs;
}

std::pair<std::string, KeptLfs> kept_from_line(const std::string& line) {
  const ObjectRecord record = object_record_from_json(parse_ordered_json(line, line.size()));
  if (record.encoding != "identity" || lfs_oid_of(record.key) != record.sha256)
    throw Error(ErrorKind::corrupt, "not an object of Git LFS: " + printable(record.key));
  return {record.sha256, {.size = record.size, .crc32 = record.crc32}};
}

}  // namespace

std::string lfs_key(std::string_view oid) {
  return fmt::format("{}{}/{}/{}", kRoot, oid.substr(0, 2), oid.substr(2, 2), oid);
}

std::optional<std::string> lfs_oid_of(std::string_view record_key) {
  const std::string_view oid = record_key.substr(record_key.rfind('/') + 1);  // without one: all of it
  return is_oid(oid) && lfs_key(oid) == record_key ? std::optional<std::string>(oid) : std::nullopt;
}

ObjectRecord record_of(const std::string& oid, const KeptLfs& kept) {
  return {.key = lfs_key(oid), .size = kept.size, .sha256 = oid, .encoding = "identity", .crc32 = kept.crc32};
}

std::string_view to_string(LfsLack why) {
  switch (why) {
    case LfsLack::pending:
      return "pending";
    case LfsLack::missing:
      return "missing";
    case LfsLack::over_quota:
      return "over_quota";
    case LfsLack::too_large:
      return "too_large";
    case LfsLack::refused:
      return "refused";
  }
  return "refused";
}

bool has_size(const LackingLfs& lacking, ByteCount size) {
  const auto& others = lacking.other_sizes;
  return lacking.size == size || std::find(others.begin(), others.end(), size) != others.end();
}

bool add_size(LackingLfs& lacking, ByteCount size) {
  if (has_size(lacking, size) || lacking.other_sizes.size() + 1 >= kMostLfsSizes) return false;
  lacking.other_sizes.push_back(size);
  return true;
}

std::string reason_of(const LackingLfs& lacking) {
  if (lacking.why == LfsLack::pending) return "the backup had not come to it";
  if (!lacking.message.empty()) return lacking.message;
  if (lacking.why == LfsLack::over_quota) return "GitHub refused it: the account was over its quota";
  if (lacking.why == LfsLack::too_large) return "it is larger than the backup was to keep";
  return lacking.why == LfsLack::missing ? "GitHub does not have it" : "GitHub did not hand it out";
}

std::string to_line(const LackingLfs& lacking) {
  Json json = {{"oid", lacking.oid}, {"size", lacking.size}, {"why", to_string(lacking.why)}};
  if (lacking.code != 0) json["code"] = lacking.code;
  if (!lacking.message.empty()) json["message"] = lacking.message;
  json["since"] = format_time(lacking.since);
  if (!lacking.other_sizes.empty()) json["other_sizes"] = lacking.other_sizes;
  if (lacking.is_damaged) json["damaged"] = true;
  return json.dump();
}

LackingLfs lacking_lfs_from_line(std::string_view line) {
  return read_as("a line of an LFS cursor", [&] {
    const Json json = parse_ordered_json(line, kCursorLimits.line);
    LackingLfs lacking{.oid = json.at("oid"),
                       .size = integer_from_json<ByteCount>(json.at("size")),
                       .why = parse_lack(json.at("why")),
                       .message = json.value("message", ""),
                       .since = time_from_json(json.at("since")),
                       .is_damaged = json.value("damaged", false)};
    if (json.contains("code")) lacking.code = integer_from_json<int>(json.at("code"));
    if (json.contains("other_sizes"))
      for (const Json& size : json.at("other_sizes"))
        lacking.other_sizes.push_back(integer_from_json<ByteCount>(size));
    if (!is_oid(lacking.oid))
      throw Error(ErrorKind::corrupt, "not the name of an LFS object: " + printable(lacking.oid));
    return lacking;
  });
}

LfsPart lfs_part(const Part& part) {
  return read_as("the part of Git LFS", [&] { return lfs_from_json(part.json()); });
}

Part to_part(const LfsPart& lfs) {
  Json json = {{"status", lfs.status.word()},
               {"pointers", lfs.pointers},
               {"bytes", lfs.bytes},
               {"scanned", to_json(lfs.scanned)}};
  if (!lfs.unread.empty()) json["unread"] = to_json(lfs.unread);
  if (!lfs.overfull.empty()) json["overfull"] = to_json(lfs.overfull);
  if (lfs.pending > 0 || lfs.cursor) json["pending"] = lfs.pending;
  if (lfs.unresolved > 0) json["unresolved"] = lfs.unresolved;
  json["objects"] = Json::array();
  for (const ObjectRecord& list : lfs.objects) json["objects"].push_back(list_to_json(list));
  if (lfs.cursor) json["cursor"] = to_json(*lfs.cursor);
  return Part(std::move(json));
}

KeptLfsObjects read_lfs_objects(VaultObjects& objects, const std::string& folder,
                                const std::vector<ObjectRecord>& lists, const std::stop_token& stop) {
  KeptLfsObjects kept;
  read_as("a list of LFS objects", [&] {
    for (const auto& [key, line] : read_list_lines(lists, read_lists(objects, folder, stop)))
      kept.insert(kept_from_line(line));
  });
  return kept;
}

std::vector<LackingLfs> read_lfs_cursor(VaultObjects& objects, const std::string& folder,
                                        const std::optional<ObjectRecord>& cursor,
                                        const std::stop_token& stop) {
  std::vector<LackingLfs> lacking;
  if (!cursor) return lacking;
  LineSplitter lines([&](std::string_view line) { lacking.push_back(lacking_lfs_from_line(line)); },
                     kCursorLimits);
  objects.read(folder, *cursor, lines, stop);
  lines.finish();
  return lacking;
}

std::vector<ObjectRecord> store_lfs_objects(VaultObjects& objects, const std::string& folder,
                                            const std::string& record_key,
                                            const std::vector<ObjectRecord>& before,
                                            const KeptLfsObjects& now) {
  ListLines lines;
  for (const auto& [oid, kept] : now) lines.emplace(lfs_key(oid), to_json(record_of(oid, kept)).dump());
  return store_list({.objects = objects, .folder = folder, .record_key = record_key}, before, lines);
}

std::optional<ObjectRecord> write_lfs_cursor(VaultObjects& objects, const std::string& folder,
                                             const std::string& record_key,
                                             const std::vector<LackingLfs>& lacking) {
  if (lacking.empty()) return std::nullopt;
  RecordedWriter writer = objects.create(folder, record_key);
  LineBudget budget("the list of LFS objects that are lacking", kCursorLimits);
  for (const LackingLfs& each : lacking) {
    const std::string line = to_line(each) + "\n";
    budget.spend(line.size());
    writer.write(line);
  }
  return writer.commit();
}

}  // namespace hubkeep
