#include "vault/releases_part.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/json.h"
#include "base/text.h"
#include "vault/json_fields.h"
#include "vault/object_list.h"

namespace hubkeep {
namespace {

using Json = nlohmann::ordered_json;

// A line has a hash, or a name and what GitHub says of it, which is cut where it comes in.
constexpr LineLimits kCursorLimits{.line = ByteCount{1} << 16, .total = ByteCount{1} << 30};

constexpr std::array kLacks = {AssetLack::pending, AssetLack::not_uploaded, AssetLack::missing,
                               AssetLack::refused};

AssetLack parse_lack(const std::string& text) {
  const auto found =
      std::find_if(kLacks.begin(), kLacks.end(), [&](AssetLack why) { return to_string(why) == text; });
  // What a later version says is a reason, too: the asset is lacking, and is asked for again.
  return found == kLacks.end() ? AssetLack::refused : *found;
}

template <typename Action>
auto read_as(std::string_view what, Action&& action) -> decltype(action()) {
  try {
    return action();
  } catch (const nlohmann::json::exception& error) {
    throw Error(ErrorKind::corrupt, fmt::format("not {}: {}", what, printable(error.what())));
  }
}

Json lacking_to_json(const LackingAsset& lacking) {
  const ReleaseAsset& asset = lacking.asset;
  Json json = {{"asset", asset.id}, {"release", asset.release}, {"name", asset.name}, {"size", asset.size}};
  if (!asset.sha256.empty()) json["digest"] = asset.sha256;
  json["why"] = to_string(lacking.why);
  if (!lacking.message.empty()) json["message"] = lacking.message;
  json["since"] = format_time(lacking.since);
  return json;
}

LackingAsset lacking_from_json(const Json& json) {
  LackingAsset lacking{.asset = {.id = integer_from_json<AssetId>(json.at("asset")),
                                 .release = integer_from_json<ReleaseId>(json.at("release")),
                                 .name = json.at("name"),
                                 .size = integer_from_json<ByteCount>(json.at("size")),
                                 .sha256 = json.value("digest", "")},
                       .why = parse_lack(json.at("why")),
                       .message = json.value("message", ""),
                       .since = time_from_json(json.at("since"))};
  lacking.asset.is_uploaded = lacking.why != AssetLack::not_uploaded;
  return lacking;
}

void read_line(std::string_view line, ReleasesCursor& cursor) {
  read_as("a line of the releases' cursor", [&] {
    const Json json = parse_ordered_json(line, kCursorLimits.line);
    if (json.contains("asset")) {
      LackingAsset lacking = lacking_from_json(json);
      cursor.lacking.insert_or_assign(lacking.asset.id, std::move(lacking));
    } else {
      cursor.hashes.insert_or_assign(integer_from_json<ReleaseId>(json.at("release")),
                                     json.at("hash").get<std::string>());
    }
  });
}

ReleasesPart from_json(const Json& json) {
  ReleasesPart releases{.status = PartStatus(json.at("status").get<std::string>())};
  // A part that failed before it could be looked at has its status alone.
  if (json.contains("releases")) releases.releases = integer_from_json<std::uint64_t>(json.at("releases"));
  if (json.contains("documents"))
    for (const Json& document : json.at("documents"))
      releases.documents.push_back(object_record_from_json(document));
  if (json.contains("objects"))
    for (const Json& list : json.at("objects")) releases.objects.push_back(object_record_from_json(list));
  if (json.contains("cursor")) releases.cursor = object_record_from_json(json.at("cursor"));
  releases.etag = json.value("etag", "");
  if (json.contains("per_page")) releases.per_page = integer_from_json<int>(json.at("per_page"));
  releases.is_cut_by_limit = json.value("cut_by_limit", false);
  if (json.contains("pending")) releases.pending = integer_from_json<std::uint64_t>(json.at("pending"));
  return releases;
}

// Of a person who they are: what else there is changes with them, and not with the release.
void reduce_person(nlohmann::json& owner, const char* name) {
  const auto person = owner.find(name);
  if (person == owner.end() || !person->is_object()) return;
  *person = {{"id", person->value("id", nlohmann::json())},
             {"login", person->value("login", nlohmann::json())}};
}

}  // namespace

std::string asset_key(AssetId id) {
  return fmt::format("{}/assets/{}", kReleasesPart, id);
}

std::string_view to_string(AssetLack why) {
  switch (why) {
    case AssetLack::pending:
      return "pending";
    case AssetLack::not_uploaded:
      return "not_uploaded";
    case AssetLack::missing:
      return "missing";
    case AssetLack::refused:
      return "refused";
  }
  return "refused";
}

ReleasesPart releases_part(const Part& part) {
  return read_as("the part of releases", [&] { return from_json(part.json()); });
}

Part to_part(const ReleasesPart& releases) {
  Json json = {{"status", releases.status.word()}, {"releases", releases.releases}};
  json["documents"] = Json::array();
  for (const ObjectRecord& document : releases.documents) json["documents"].push_back(to_json(document));
  json["objects"] = Json::array();
  for (const ObjectRecord& list : releases.objects) json["objects"].push_back(list_to_json(list));
  if (releases.cursor) json["cursor"] = to_json(*releases.cursor);
  if (!releases.etag.empty()) json["etag"] = releases.etag;
  if (releases.per_page > 0) json["per_page"] = releases.per_page;
  if (releases.is_cut_by_limit) json["cut_by_limit"] = true;
  if (releases.status == PartStatus::partial) json["pending"] = releases.pending;
  return Part(std::move(json));
}

std::string hash_of_release(std::string_view release) {
  nlohmann::json json = parse_json(release, kReleaseLimits.line);
  if (!json.is_object()) throw Error(ErrorKind::corrupt, "a release is not an object");
  reduce_person(json, "author");
  const auto assets = json.find("assets");
  if (assets != json.end() && assets->is_array()) {
    for (nlohmann::json& asset : *assets) {
      if (!asset.is_object()) continue;
      asset.erase("download_count");
      reduce_person(asset, "uploader");
    }
  }
  return sha256_hex(json.dump());
}

ReleasesCursor read_releases_cursor(VaultObjects& objects, const std::string& folder,
                                    const ObjectRecord& cursor, const std::stop_token& stop) {
  ReleasesCursor result;
  LineSplitter lines([&](std::string_view line) { read_line(line, result); }, kCursorLimits);
  objects.read(folder, cursor, lines, stop);
  lines.finish();
  return result;
}

ObjectRecord write_releases_cursor(VaultObjects& objects, const std::string& folder,
                                   const std::string& record_key, const ReleasesCursor& cursor) {
  RecordedWriter writer = objects.create(folder, record_key);
  LineBudget budget("the releases' cursor", kCursorLimits);
  const auto write = [&](const Json& json) {
    const std::string line = json.dump() + "\n";
    budget.spend(line.size());
    writer.write(line);
  };
  for (const auto& [id, hash] : cursor.hashes) write({{"release", id}, {"hash", hash}});
  for (const auto& [id, lacking] : cursor.lacking) write(lacking_to_json(lacking));
  return writer.commit();
}

std::string asset_line(const ReleaseAsset& asset, const ObjectRecord& record) {
  Json json = to_json(record);
  json["asset"] = asset.id;
  json["release"] = asset.release;
  json["name"] = asset.name;
  return json.dump();
}

}  // namespace hubkeep
