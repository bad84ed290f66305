#include "vault/git_part.h"

#include <fmt/format.h>

#include <algorithm>
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
  if (bundle.index) json["index"] = to_json(*bundle.index);
  if (!bundle.not_proved_because.empty()) json["not_proved_because"] = bundle.not_proved_because;
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
  if (json.contains("index")) bundle.index = object_record_from_json(json.at("index"));
  bundle.not_proved_because = json.value("not_proved_because", "");
  return bundle;
}

// JSON is UTF-8, a ref name need not be.
void put_name(Json& json, const std::string& key, const std::string& name) {
  if (is_utf8(name))
    json[key] = name;
  else
    json[key + "_base64"] = base64(name);
}

std::string name_from_json(const Json& json, const std::string& key) {
  if (json.contains(key)) return json.at(key).get<std::string>();
  return base64_decode(json.at(key + "_base64").get_ref<const std::string&>());
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

std::vector<Oid> held_from_json(const Json& json, ObjectFormat format) {
  if (json.size() > kMaxHeld)
    throw Error(ErrorKind::corrupt, fmt::format("more than {} commits are held", kMaxHeld));
  std::vector<Oid> held;
  for (const auto& name : json) {
    const auto oid = Oid::parse(name.get_ref<const std::string&>());
    if (!oid || oid->format() != format) throw Error(ErrorKind::corrupt, "a commit that is held has no name");
    held.push_back(*oid);
  }
  return held;
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
  if (git.proved) json["proved"] = *git.proved;
  if (!git.not_proved_because.empty()) json["not_proved_because"] = git.not_proved_because;
  for (const auto& missing : git.missing) json["missing"].push_back(to_json(missing));
  if (git.missing_objects > 0) json["missing_objects"] = git.missing_objects;
  for (const Oid& oid : git.held) json["held"].push_back(oid.hex());
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
  if (json.contains("proved")) git.proved = json.at("proved").get<bool>();
  git.not_proved_because = json.value("not_proved_because", "");
  if (json.contains("missing"))
    for (const auto& missing : json.at("missing")) git.missing.push_back(missing_from_json(missing));
  if (json.contains("missing_objects"))
    git.missing_objects = integer_from_json<std::uint64_t>(json.at("missing_objects"));
  if (json.contains("held")) git.held = held_from_json(json.at("held"), git.format);
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

bool is_proved(const GitPart& git) {
  return git.proved.value_or(false) &&
         std::all_of(git.bundles.begin(), git.bundles.end(),
                     [](const Bundle& bundle) { return bundle.index.has_value(); });
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

Json to_json(const MissingObject& missing) {
  Json json = {{"oid", missing.oid.hex()}};
  if (!missing.type.empty()) json["type"] = missing.type;
  put_name(json, "named_by", missing.named_by);
  return json;
}

MissingObject missing_from_json(const Json& json) {
  const auto oid = Oid::parse(json.at("oid").get_ref<const std::string&>());
  if (!oid) throw Error(ErrorKind::corrupt, "an object that is missing has no name");
  return {.oid = *oid, .type = json.value("type", ""), .named_by = name_from_json(json, "named_by")};
}

std::string describe_missing(const std::vector<MissingObject>& named, std::uint64_t count) {
  constexpr std::size_t kNamed = 3;
  std::string text =
      fmt::format("{} missing", count == 1 ? "1 object is" : fmt::format("{} objects are", count));
  const std::size_t shown = std::min(named.size(), kNamed);
  for (std::size_t i = 0; i < shown; ++i)
    text += fmt::format("{}{} {}, which {} names", i == 0 ? ": " : "; ",
                        named[i].type.empty() ? "object" : printable(named[i].type), named[i].oid.hex(),
                        printable(named[i].named_by));
  if (count > shown && shown > 0) text += fmt::format("; and {} more", count - shown);
  return text;
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
  LeftOutRef ref{.name = name_from_json(json, "ref"),
                 .oid = std::nullopt,
                 .why = json.at("why"),
                 .is_unasked = json.value("unasked", false)};
  if (!json.contains("oid")) return ref;
  ref.oid = Oid::parse(json.at("oid").get_ref<const std::string&>());
  if (!ref.oid) throw Error(ErrorKind::corrupt, "a ref that is left out names no object");
  return ref;
}

}  // namespace hubkeep
