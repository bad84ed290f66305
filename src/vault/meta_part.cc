#include "vault/meta_part.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/text.h"
#include "vault/json_integer.h"

namespace hubkeep {
namespace {

using Json = nlohmann::ordered_json;

std::uint64_t number_in(const Json& json, const char* name) {
  const auto found = json.find(name);
  return found == json.end() ? 0 : integer_from_json<std::uint64_t>(*found);
}

MetaCount count_from_json(const Json& json) {
  MetaCount count{.kept = number_in(json, "kept"), .gone = number_in(json, "gone")};
  if (json.contains("github")) count.github = integer_from_json<std::uint64_t>(json.at("github"));
  return count;
}

Json to_json(const MetaCount& count) {
  Json json = {{"kept", count.kept}};
  if (count.github) json["github"] = *count.github;
  if (count.gone > 0) json["gone"] = count.gone;
  return json;
}

Json to_json(const MetaIncrement& increment) {
  Json json = to_json(increment.record);
  if (increment.replaced > 0) json["replaced"] = increment.replaced;
  return json;
}

// A part that failed before it could be looked at has its status alone.
MetaPart from_json(const Json& json) {
  MetaPart meta{.status = PartStatus(json.at("status").get<std::string>())};
  if (json.contains("documents"))
    for (const Json& each : json.at("documents"))
      meta.documents.push_back({object_record_from_json(each), number_in(each, "replaced")});
  if (json.contains("cursor"))
    for (const Json& each : json.at("cursor")) meta.cursor.push_back(object_record_from_json(each));
  if (json.contains("counts"))
    for (const auto& [kind, count] : json.at("counts").items())
      meta.counts.emplace(kind, count_from_json(count));
  if (json.contains("not_permitted")) json.at("not_permitted").get_to(meta.not_permitted);
  if (json.contains("absent")) json.at("absent").get_to(meta.absent);
  if (json.contains("lacking")) json.at("lacking").get_to(meta.lacking);
  meta.pending = number_in(json, "pending");
  return meta;
}

std::string explain(const MetaPart& meta, const std::string& kind, bool has_too_many) {
  if (has_too_many) return "what GitHub has no longer is noticed when all is asked for again";
  if (meta.absent.contains(kind)) return "it is switched off";
  if (const auto found = meta.not_permitted.find(kind); found != meta.not_permitted.end())
    return "the token lacks the permission " + found->second;
  if (const auto found = meta.lacking.find(kind); found != meta.lacking.end()) return found->second;
  return meta.pending > 0 ? "it is still to be asked for" : "";
}

}  // namespace

bool is_meta_part(const Part& part) {
  return !part.json().contains("lines_sha256");
}

MetaPart meta_part(const Part& part) {
  try {
    return from_json(part.json());
  } catch (const nlohmann::json::exception& error) {
    throw Error(ErrorKind::corrupt, "not a part of documents: " + printable(error.what()));
  }
}

Part to_part(const MetaPart& meta) {
  Json json = {{"status", meta.status.word()}, {"documents", Json::array()}, {"cursor", Json::array()}};
  for (const MetaIncrement& each : meta.documents) json["documents"].push_back(to_json(each));
  for (const ObjectRecord& each : meta.cursor) json["cursor"].push_back(to_json(each));
  for (const auto& [kind, count] : meta.counts) json["counts"][kind] = to_json(count);
  if (!meta.not_permitted.empty()) json["not_permitted"] = meta.not_permitted;
  if (!meta.absent.empty()) json["absent"] = meta.absent;
  if (!meta.lacking.empty()) json["lacking"] = meta.lacking;
  json["pending"] = meta.pending;
  return Part(std::move(json));
}

std::vector<MetaDifference> differences_of(const MetaPart& meta) {
  std::vector<MetaDifference> differences;
  for (const auto& [kind, count] : meta.counts)
    if (count.github && *count.github != count.kept)
      differences.push_back({kind, count, explain(meta, kind, count.kept > *count.github)});
  return differences;
}

}  // namespace hubkeep
