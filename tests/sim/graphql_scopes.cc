#include "sim/graphql_scopes.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

namespace hubkeep::sim {

using nlohmann::json;

namespace {

constexpr std::array kProjectFields = {"projectItems", "projectV2", "projectsV2"};

std::string quoted(const Logins& scopes) {
  std::vector<std::string> out;
  for (const std::string& each : scopes) out.push_back("'" + each + "'");
  return fmt::format("[{}]", fmt::join(out, ", "));
}

json error_for(const Selection& field, const Logins& scopes) {
  return {
      {"type", "INSUFFICIENT_SCOPES"},
      {"locations", json::array({{{"line", field.line}, {"column", field.column}}})},
      {"message",
       fmt::format("Your token has not been granted the required scopes to execute this query. The '{}' "
                   "field requires one of the following scopes: ['read:project'], but your token has only "
                   "been granted the: {} scopes. Please modify your token's scopes at: "
                   "https://github.com/settings/tokens.",
                   field.name, quoted(scopes))}};
}

/// `below`: a field of projects; all that is selected there is of projects too.
void add(const std::vector<Selection>& selections, const Logins& scopes, bool below, json& out) {
  for (const Selection& each : selections) {
    const bool starts = each.on_type.starts_with("ProjectV2") && each.on_type != "ProjectV2Owner";
    const bool is_project =
        below || starts ||
        std::find(kProjectFields.begin(), kProjectFields.end(), each.name) != kProjectFields.end();
    if (is_project && !each.name.empty()) out.push_back(error_for(each, scopes));
    add(each.selections, scopes, is_project, out);
  }
}

}  // namespace

json scopes_lacking(const std::vector<Selection>& query, const Token& token) {
  json out = json::array();
  const bool is_enough = token.kind != TokenKind::classic || token.scopes.contains("read:project") ||
                         token.scopes.contains("project");
  if (!is_enough) add(query, token.scopes, false, out);
  return out;
}

}  // namespace hubkeep::sim
