#include "vault/manifest.h"

#include <fmt/format.h>

#include <array>

#include "base/error.h"
#include "base/json.h"
#include "base/text.h"
#include "crypto/base64.h"
#include "vault/json_integer.h"

namespace hubkeep {
namespace {

// A listing may be so old when the last of its repositories gets its turn.
constexpr std::chrono::hours kLongestRun{24};

using Json = nlohmann::ordered_json;

constexpr std::array<std::string_view, 6> kStatusNames = {"ok",   "partial",       "absent",
                                                          "gone", "not_permitted", "failed"};

UtcTime time_from_json(const Json& json) {
  const auto time = parse_time(json.get_ref<const std::string&>());
  if (!time) throw Error(ErrorKind::corrupt, "no time: " + printable(json.get<std::string>()));
  return *time;
}

SnapshotId snapshot_from_json(const Json& json) {
  const auto id = SnapshotId::parse(json.get_ref<const std::string&>());
  if (!id) throw Error(ErrorKind::corrupt, "no snapshot: " + printable(json.get<std::string>()));
  return *id;
}

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
    throw Error(ErrorKind::corrupt, "HEAD names no ref: " + printable(head.symref_target));
  }
  if (json.contains("oid")) {
    head.oid = Oid::parse(json.at("oid").get_ref<const std::string&>());
    if (!head.oid) throw Error(ErrorKind::corrupt, "HEAD names no object");
  }
  return head;
}

Json git_to_json(const GitPart& git) {
  Json json = {{"status", to_string(git.status)},
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
  git.status = parse_part_status(json.at("status").get_ref<const std::string&>());
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

void check_version(const Json& json) {
  const auto program = printable(json.value("program", "an unknown version"));
  if (const int format = integer_from_json<int>(json.at("format")); format != kFormatVersion) {
    throw Error(
        ErrorKind::invalid,
        fmt::format("storage format {} was written by {}: use that version or a newer one", format, program));
  }
  for (const auto& feature : json.at("features")) {
    throw Error(ErrorKind::invalid,
                fmt::format("the feature {} was written by {}: use that version or a newer one",
                            printable(feature.dump()), program));
  }
}

Manifest manifest_from_json(const Json& json) {
  check_version(json);
  Manifest manifest;
  manifest.snapshot = snapshot_from_json(json.at("snapshot"));
  manifest.program = json.at("program");
  if (json.contains("vault")) manifest.vault = json.at("vault");
  manifest.host = json.at("host");
  manifest.repository_id = integer_from_json<std::int64_t>(json.at("repository").at("id"));
  manifest.node_id = json.at("repository").at("node_id");
  manifest.listing = listing_from_json(json.at("listing"));
  if (json.contains("made_at")) manifest.made_at = time_from_json(json.at("made_at"));
  if (!json.at("gone_since").is_null()) manifest.gone_since = time_from_json(json.at("gone_since"));
  for (const auto& previous : json.at("previous")) {
    manifest.previous.push_back({snapshot_from_json(previous.at("snapshot")), previous.at("sha256")});
  }
  manifest.requests = integer_from_json<std::uint64_t>(json.at("requests"));
  manifest.bytes_received = integer_from_json<ByteCount>(json.at("bytes_received"));
  manifest.git = git_from_json(json.at("parts").at("git"));
  if (json.contains("lost")) manifest.lost = json.at("lost");
  return manifest;
}

using Dump = std::string (*)(const Json&);

std::string dump_exactly(const Json& json) {
  return json.dump();
}

std::string dump_to_print(const Json& json) {
  return json.dump(-1, ' ', true, Json::error_handler_t::replace);
}

void write_json(const Json& json, int depth, Dump dump, std::string& out) {
  const std::string indent(static_cast<std::size_t>(depth) * 2 + 2, ' ');
  const bool object = json.is_object();
  if ((!object && !json.is_array()) || json.empty()) {
    out += dump(json);
    return;
  }
  out += object ? "{" : "[";
  bool first = true;
  for (const auto& [key, value] : json.items()) {
    out += first ? "\n" : ",\n";
    first = false;
    out += indent;
    if (object) {
      out += dump(Json(key)) + ": ";
      write_json(value, depth + 1, dump, out);
    } else {
      out += dump(value);
    }
  }
  out += "\n" + indent.substr(2) + (object ? "}" : "]");
}

}  // namespace

bool Listing::says_the_same_as(const Listing& other) const {
  Listing copy = other;
  copy.listed_at = listed_at;
  return copy == *this;
}

Json to_json(const Listing& listing) {
  return {{"full_name", listing.full_name},           {"visibility", listing.visibility},
          {"archived", listing.is_archived},          {"fork", listing.is_fork},
          {"default_branch", listing.default_branch}, {"pushed_at", listing.pushed_at},
          {"clone_url", listing.clone_url},           {"listed_at", format_time(listing.listed_at)}};
}

Listing listing_from_json(const Json& json) {
  return {.full_name = json.at("full_name"),
          .visibility = json.at("visibility"),
          .is_archived = json.at("archived"),
          .is_fork = json.at("fork"),
          .default_branch = json.at("default_branch"),
          .pushed_at = json.at("pushed_at"),
          .clone_url = json.at("clone_url"),
          .listed_at = time_from_json(json.at("listed_at"))};
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

std::string_view to_string(PartStatus status) {
  return kStatusNames.at(static_cast<std::size_t>(status));
}

PartStatus parse_part_status(std::string_view text) {
  for (std::size_t i = 0; i < kStatusNames.size(); ++i) {
    if (kStatusNames[i] == text) return static_cast<PartStatus>(i);
  }
  throw Error(ErrorKind::corrupt, "unknown status: " + printable(text));
}

UtcTime time_of(const Manifest& manifest) {
  const UtcTime named = manifest.snapshot.time();
  if (manifest.made_at) return *manifest.made_at;
  const auto differs = [&](UtcTime time) { return std::chrono::abs(named - time) > kClockTolerance; };
  if (manifest.gone_since) return differs(*manifest.gone_since) ? *manifest.gone_since : named;
  const UtcTime listed = manifest.listing.listed_at;
  const bool is_late = named > listed && named - listed <= kLongestRun;
  return listed == UtcTime{} || is_late || !differs(listed) ? named : listed;
}

std::string format_manifest(const Manifest& manifest) {
  Json json = {{"format", kFormatVersion}, {"features", Json::array()}, {"program", manifest.program}};
  if (!manifest.vault.empty()) json["vault"] = manifest.vault;
  json.update({{"snapshot", manifest.snapshot.str()},
               {"host", manifest.host},
               {"repository", {{"id", manifest.repository_id}, {"node_id", manifest.node_id}}},
               {"listing", to_json(manifest.listing)},
               {"gone_since", manifest.gone_since ? Json(format_time(*manifest.gone_since)) : Json(nullptr)},
               {"previous", Json::array()},
               {"requests", manifest.requests},
               {"bytes_received", manifest.bytes_received},
               {"parts", {{"git", git_to_json(manifest.git)}}}});
  for (const auto& previous : manifest.previous) {
    json["previous"].push_back({{"snapshot", previous.snapshot.str()}, {"sha256", previous.sha256}});
  }
  if (manifest.made_at) json["made_at"] = format_time(*manifest.made_at);
  if (!manifest.lost.empty()) json["lost"] = manifest.lost;
  return format_json(json) + "\n";
}

Manifest parse_manifest(std::string_view text) {
  const Json json = with_context("no manifest", [&] { return parse_ordered_json(text, kMaxManifestSize); });
  try {
    return manifest_from_json(json);
  } catch (const nlohmann::json::exception& error) {
    throw Error(ErrorKind::corrupt, "no manifest: " + printable(error.what()));
  }
}

std::string format_json(const Json& json) {
  std::string out;
  write_json(json, 0, &dump_exactly, out);
  return out;
}

std::string format_json_to_print(const Json& json) {
  std::string out;
  write_json(json, 0, &dump_to_print, out);
  return out;
}

}  // namespace hubkeep
