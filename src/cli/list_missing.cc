#include "cli/list_missing.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <vector>

#include "base/text.h"

namespace hubkeep {
namespace {

using Json = nlohmann::ordered_json;

std::string permission_text(const std::string& permission) {
  return permission.empty() ? "the token may not see it" : "the token lacks the permission " + permission;
}

// All that is to be told, each kind once.
std::vector<MetaDifference> all_missing(const MetaPart& meta) {
  std::vector<MetaDifference> all = differences_of(meta);
  const auto is_told = [&](const std::string& kind) {
    return std::any_of(all.begin(), all.end(), [&](const MetaDifference& each) { return each.kind == kind; });
  };
  const auto count_of_kind = [&](const std::string& kind) {
    const auto found = meta.counts.find(kind);
    return found == meta.counts.end() ? MetaCount{} : found->second;
  };
  for (const auto& [kind, permission] : meta.not_permitted)
    if (!is_told(kind)) all.push_back({kind, count_of_kind(kind), permission_text(permission)});
  for (const auto& [kind, why] : meta.lacking)
    if (!is_told(kind)) all.push_back({kind, count_of_kind(kind), why});
  return all;
}

}  // namespace

std::string missing_text(const std::string& repository, const MetaPart& meta) {
  std::string text;
  for (const MetaDifference& each : all_missing(meta)) {
    text += fmt::format("{}  {}: ", printable(repository), printable(each.kind));
    if (each.count.github)
      text += fmt::format("{} in the vault, {} on GitHub; ", each.count.kept, *each.count.github);
    text += (each.why.empty() ? "nothing explains it" : printable(each.why)) + "\n";
  }
  return text;
}

Json missing_json(const MetaPart& meta) {
  Json all = Json::array();
  for (const MetaDifference& each : all_missing(meta))
    all.push_back({{"kind", each.kind},
                   {"kept", each.count.kept},
                   {"github", each.count.github ? Json(*each.count.github) : Json(nullptr)},
                   {"why", each.why.empty() ? Json(nullptr) : Json(each.why)}});
  return all;
}

}  // namespace hubkeep
