#include "vault/git_part.h"

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/text.h"
#include "crypto/base64.h"
#include "vault/json_fields.h"

namespace hubkeep {
namespace {

using Json = nlohmann::ordered_json;

Json bundle_to_json(const Bundle& bundle) {
  Json json = {{"snapshot", bundle.snapshot.str()}};
  json["builds_on"] = bundle.builds_on.empty() ? Json(nullptr) : Json(bundle.builds_on.str());
  json["pack_offset"] = bundle.pack_offset;
  json["objects"] = bundle.objects;
  if (bundle.largest_delta > 0) json["largest_delta"] = bundle.largest_delta;
  if (bundle.not_proved > 0) json["not_proved"] = bundle.not_proved;
  json.update(to_json(bundle.record));
  return json;
}

Bundle bundle_from_json(const Json& json) {
  Bundle bundle;
  bundle.snapshot = snapshot_from_json(json.at("snapshot"));
  if (!json.at("builds_on").is_null()) bundle.builds_on = snapshot_from_json(json.at("builds_on"));
  bundle.pack_offset = integer_from_json<ByteCount>(json.at("pack_offset"));
  bundle.objects = integer_from_json<std::uint32_t>(json.at("objects"));
  if (json.contains("largest_delta"))
    bundle.largest_delta = integer_from_json<ByteCount>(json.at("largest_delta"));
  if (json.contains("not_proved"))
    bundle.not_proved = integer_from_json<std::uint64_t>(json.at("not_proved"));
  bundle.record = object_record_from_json(json);
  return bundle;
}

// JSON is UTF-8, a ref name need not be.
void put_name(Json& json, const std::string& key, const std::string& name) {
  if (is_utf8(name))
    json[key] = name;
  else
    json[key + "_base64"] = base64(name);
}

Json head_to_json(const Head& head) {
  Json json = Json::object();
  if (!head.symref_target.empty()) put_name(json, "symref", head.symref_target);
  if (head.oid) json["oid"] = head.oid->hex();
  return json;
}

Head head_from_json(const Json& json) {
  Head head;
  head.symref_target = json.value("symref", "");
  if (json.contains("symref_base64"))
    head.symref_target = base64_decode(json.at("symref_base64").get_ref<const std::string&>());
  if (!head.symref_target.empty() && !is_valid_ref_name(head.symref_target)) {
    throw Error(ErrorKind::corrupt, "HEAD does not name a ref: " + printable(head.symref_target));
  }
  if (json.contains("oid")) {
    head.oid = Oid::parse(json.at("oid").get_ref<const std::string&>());
    if (!head.oid) throw Error(ErrorKind::corrupt, "HEAD names no object");
  }
  return head;
}

Json json_of(const GitPart& git) {
  Json json = {{"status", git.status.word()},
               {"object_format", to_string(git.format)},
               {"head", head_to_json(git.head)},
               {"refs", Json::array()},
               {"bundles", Json::array()}};
  for (const auto& record : git.refs) json["refs"].push_back(to_json(record));
  for (const auto& bundle : git.bundles) json["bundles"].push_back(bundle_to_json(bundle));
  if (git.not_proved > 0) json["not_proved"] = git.not_proved;
  if (git.lfs_pointers > 0) json["lfs_pointers"] = git.lfs_pointers;
  if (git.refs_vanished) json["refs_vanished"] = true;
  for (const auto& ref : git.left_out) json["left_out"].push_back(to_json(ref));
  if (git.lacks_others) json["lacks_others"] = true;
  return json;
}

GitPart git_from_json(const Json& json) {
  GitPart git;
  git.status = PartStatus(json.at("status").get<std::string>());
  const auto format = parse_object_format(json.at("object_format").get_ref<const std::string&>());
  if (!format) throw Error(ErrorKind::corrupt, "unknown object format");
  git.format = *format;
  git.head = head_from_json(json.at("head"));
  for (const auto& record : json.at("refs")) git.refs.push_back(object_record_from_json(record));
  for (const auto& bundle : json.at("bundles")) git.bundles.push_back(bundle_from_json(bundle));
  if (json.contains("not_proved")) git.not_proved = integer_from_json<std::uint64_t>(json.at("not_proved"));
  if (json.contains("lfs_pointers"))
    git.lfs_pointers = integer_from_json<std::uint64_t>(json.at("lfs_pointers"));
  if (json.contains("refs_vanished")) git.refs_vanished = json.at("refs_vanished");
  if (json.contains("left_out"))
    for (const auto& ref : json.at("left_out")) git.left_out.push_back(left_out_from_json(ref));
  git.lacks_others = json.value("lacks_others", false);
  return git;
}

}  // namespace

GitPart git_part(const Part& part) {
  try {
    return git_from_json(part.json());
  } catch (const nlohmann::json::exception& error) {
    throw Error(ErrorKind::corrupt, "not the part of a git repository: " + printable(error.what()));
  }
}

Part to_part(const GitPart& git) {
  return Part(json_of(git));
}

bool is_git_part(const Part& part) {
  // By what it says, whatever its name is.
  return part.json().contains("object_format") && part.json().contains("bundles");
}

bool has_settled_history(const Parts& parts) {
  const auto found = parts.find(PartName(kGitPart));
  return found != parts.end() && is_settled(found->second);
}

GitPart git_part(const Parts& parts) {
  const auto found = parts.find(PartName(kGitPart));
  if (found == parts.end()) throw Error(ErrorKind::corrupt, "a snapshot without a git history");
  return git_part(found->second);
}

void set_git_part(Parts& parts, const GitPart& git) {
  parts.insert_or_assign(PartName(kGitPart), to_part(git));
}

Json to_json(const LeftOutRef& ref) {
  Json json = Json::object();
  put_name(json, "ref", ref.name);
  if (ref.oid) json["oid"] = ref.oid->hex();
  json["why"] = ref.why;
  if (ref.is_unasked) json["unasked"] = true;
  return json;
}

LeftOutRef left_out_from_json(const Json& json) {
  LeftOutRef ref{.name = json.contains("ref_base64")
                             ? base64_decode(json.at("ref_base64").get_ref<const std::string&>())
                             : json.at("ref").get<std::string>(),
                 .oid = std::nullopt,
                 .why = json.at("why"),
                 .is_unasked = json.value("unasked", false)};
  if (!json.contains("oid")) return ref;
  ref.oid = Oid::parse(json.at("oid").get_ref<const std::string&>());
  if (!ref.oid) throw Error(ErrorKind::corrupt, "a ref that is left out names no object");
  return ref;
}

}  // namespace hubkeep
