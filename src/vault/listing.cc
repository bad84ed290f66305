#include "vault/listing.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "vault/json_fields.h"

namespace hubkeep {
namespace {

using Json = nlohmann::ordered_json;

// Null says as little as nothing.
template <typename Value>
std::optional<Value> optional_field(const Json& json, const char* name) {
  const auto found = json.find(name);
  if (found == json.end() || found->is_null()) return std::nullopt;
  return found->get<Value>();
}

std::string text_field(const Json& json, const char* name) {
  return optional_field<std::string>(json, name).value_or("");
}

bool differ(const std::string& before, const std::string& now) {
  return !before.empty() && !now.empty() && before != now;
}

template <typename Value>
bool differ(const std::optional<Value>& before, const std::optional<Value>& now) {
  return before && now && *before != *now;
}

}  // namespace

OtherFields::OtherFields(const Json& document, std::initializer_list<std::string_view> known) {
  Json fields = Json::object();
  for (const auto& [name, value] : document.items())
    if (std::find(known.begin(), known.end(), name) == known.end()) fields[name] = value;
  if (!fields.empty()) fields_ = std::make_shared<const Json>(std::move(fields));
}

void OtherFields::add_to(Json& document) const {
  if (fields_) document.update(*fields_);
}

bool operator==(const OtherFields& a, const OtherFields& b) {
  return a.fields_ == b.fields_ || (a.fields_ && b.fields_ && *a.fields_ == *b.fields_);
}

bool is_described_otherwise(const Listing& before, const Listing& now) {
  return differ(before.full_name, now.full_name) || differ(before.visibility, now.visibility) ||
         differ(before.is_archived, now.is_archived) || differ(before.is_fork, now.is_fork) ||
         differ(before.default_branch, now.default_branch) || differ(before.clone_url, now.clone_url);
}

bool git_may_have_moved(const Listing& before, const Listing& now) {
  const bool is_push_known = before.pushed_at && now.pushed_at;
  return !is_push_known || *before.pushed_at != *now.pushed_at || is_described_otherwise(before, now);
}

Json to_json(const Listing& listing) {
  Json json = {{"full_name", listing.full_name}, {"visibility", listing.visibility}};
  if (listing.is_archived) json["archived"] = *listing.is_archived;
  if (listing.is_fork) json["fork"] = *listing.is_fork;
  json["default_branch"] = listing.default_branch;
  if (listing.pushed_at) json["pushed_at"] = *listing.pushed_at;
  json["clone_url"] = listing.clone_url;
  json["listed_at"] = format_time(listing.listed_at);
  if (listing.has_wiki) json["has_wiki"] = *listing.has_wiki;
  if (listing.has_issues) json["has_issues"] = *listing.has_issues;
  if (listing.updated_at) json["updated_at"] = *listing.updated_at;
  if (listing.releases) json["releases"] = *listing.releases;
  if (listing.comments) json["comments"] = *listing.comments;
  if (!listing.probe.empty()) json["probe"] = listing.probe;
  listing.others.add_to(json);
  return json;
}

Listing listing_from_json(const Json& json) {
  if (!json.is_object()) throw Error(ErrorKind::corrupt, "a listing is not an object");
  return {.full_name = text_field(json, "full_name"),
          .visibility = text_field(json, "visibility"),
          .is_archived = optional_field<bool>(json, "archived"),
          .is_fork = optional_field<bool>(json, "fork"),
          .default_branch = text_field(json, "default_branch"),
          .pushed_at = optional_field<std::string>(json, "pushed_at"),
          .clone_url = text_field(json, "clone_url"),
          .listed_at = json.contains("listed_at") ? time_from_json(json.at("listed_at")) : UtcTime{},
          .has_wiki = optional_field<bool>(json, "has_wiki"),
          .has_issues = optional_field<bool>(json, "has_issues"),
          .updated_at = optional_field<std::string>(json, "updated_at"),
          .comments = optional_field<std::int64_t>(json, "comments"),
          .releases = optional_field<std::string>(json, "releases"),
          .probe = optional_field<std::map<std::string, std::string>>(json, "probe")
                       .value_or(std::map<std::string, std::string>()),
          .others = OtherFields(json, {"full_name", "visibility", "archived", "fork", "default_branch",
                                       "pushed_at", "clone_url", "listed_at", "has_wiki", "has_issues",
                                       "updated_at", "comments", "releases", "probe"})};
}

}  // namespace hubkeep
