#include "app/settings_sources.h"

#include <fmt/format.h>

#include <algorithm>

#include "app/settings_suggestion.h"
#include "base/error.h"
#include "base/text.h"

namespace hubkeep {
namespace {

bool is_secret(const SettingDefinition& setting) {
  return is_secret(setting.type);
}

bool is_empty(const SettingDefinition& setting, std::string_view text) {
  const std::string_view nothing = setting.type == SettingType::text_list ? ", \t\r\n" : " \t\r\n";
  return text.find_first_not_of(nothing) == std::string_view::npos;
}

// Member by member: g++ 12 warns of uninitialized strings when such an aggregate goes into an optional.
GivenSetting given_by(SettingSource source, std::string origin, std::vector<std::string> items) {
  GivenSetting given;
  given.origin.source = source;
  given.origin.text = std::move(origin);
  given.items = std::move(items);
  return given;
}

std::optional<GivenSetting> find_flag(const SettingDefinition& setting, const FlagValues& flags) {
  const std::string name = flag_name(setting);
  const auto given = flags.find(name);
  if (given == flags.end() || given->second.empty()) return std::nullopt;
  // An empty flag is a shell variable that was not set: going on with the default would hide that.
  for (const std::string& value : given->second)
    if (is_empty(setting, value)) throw Error(ErrorKind::invalid, fmt::format("--{} is empty", name));
  GivenSetting found = given_by(SettingSource::flag, "--" + name, given->second);
  found.names_file = is_secret(setting);
  return found;
}

std::optional<GivenSetting> find_variable(const SettingDefinition& setting, const Environment& variables,
                                          SettingSource source, std::string_view place) {
  for (const EnvironmentName& name : environment_names(setting)) {
    const auto variable = variables.find(name.name);
    if (variable == variables.end() || is_empty(setting, variable->second)) continue;
    GivenSetting found = given_by(source, name.name + std::string(place), {variable->second});
    found.names_file = name.names_file;
    return found;
  }
  return std::nullopt;
}

std::optional<GivenSetting> find_key(const SettingDefinition& setting, const SettingSources& sources) {
  const std::string key = toml_key(setting);
  const auto value = sources.config.find(key);
  if (key.empty() || value == sources.config.end()) return std::nullopt;
  const std::string origin = fmt::format("{} in {}", key, sources.config_name);
  if (value->second.is_array && setting.type != SettingType::text_list)
    throw Error(ErrorKind::invalid, origin + ": a list, where one value belongs");
  if (!value->second.is_array && is_empty(setting, value->second.items.front())) return std::nullopt;
  GivenSetting found = given_by(SettingSource::config_file, origin, value->second.items);
  found.names_file = is_secret(setting);
  return found;
}

// Every variable that means something.
std::vector<std::string> known_variables() {
  std::vector<std::string> known;
  for (const SettingDefinition& setting : settings_table())
    for (const EnvironmentName& name : environment_names(setting)) known.push_back(name.name);
  return known;
}

// Whether `name`, which hubkeep does not know, is a slip of the fingers for an older name that is not set
// beside it: BACKUP_S3_BUKET. Without HUBKEEP_ before it, it may as well be another program's.
bool is_misspelt(const std::string& name, const Environment& variables,
                 const std::vector<std::string>& known) {
  if (name.starts_with("AWS_")) return false;
  constexpr std::size_t kSlip = 2;  // two letters that changed places
  const std::string meant = nearest(name, known, kSlip);
  if (meant.empty() || name.starts_with(meant + "_") || meant.starts_with("HUBKEEP_") ||
      meant.starts_with("AWS_"))
    return false;
  const auto beside = variables.find(meant);
  return beside == variables.end() || beside->second.empty();
}

// `is_ours`: only hubkeep reads this source, or nearly so.
std::vector<std::string> unknown_in(const Environment& variables, std::string_view place, bool is_ours) {
  static const std::vector<std::string> known = known_variables();
  std::vector<std::string> lines;
  for (const auto& [name, value] : variables) {
    if (std::find(known.begin(), known.end(), name) != known.end()) continue;
    if (!name.starts_with("HUBKEEP_") && !(is_ours && is_misspelt(name, variables, known))) continue;
    lines.push_back(
        fmt::format("{}{} sets nothing in hubkeep{}", printable(name), place, suggestion(name, known)));
  }
  return lines;
}

}  // namespace

std::optional<GivenSetting> find_setting(const SettingDefinition& setting, const SettingSources& sources) {
  if (auto given = find_flag(setting, sources.flags)) return given;
  if (auto given = find_variable(setting, sources.environment, SettingSource::environment, "")) return given;
  if (auto given =
          find_variable(setting, sources.secret, SettingSource::secret, " in " + sources.secret_name))
    return given;
  if (auto given = find_variable(setting, sources.env_file, SettingSource::env_file, " in .env"))
    return given;
  return find_key(setting, sources);
}

void check_config_keys(const SettingSources& sources) {
  std::vector<std::string> known;
  for (const SettingDefinition& setting : settings_table()) {
    const std::string key = toml_key(setting);
    if (!key.empty()) known.push_back(key);
    if (!is_secret(setting) || !sources.config.contains(std::string(setting.name))) continue;
    throw Error(
        ErrorKind::invalid,
        fmt::format("{0} in {1}: a secret does not belong in this file; put it into a file of its own and "
                    "name that with {2}, or set {3}",
                    setting.name, sources.config_name, key, variable_of_value(setting)));
  }
  for (const auto& [key, value] : sources.config) {
    if (std::find(known.begin(), known.end(), key) != known.end()) continue;
    throw Error(ErrorKind::invalid, fmt::format("{}: unknown setting '{}'{}", sources.config_name,
                                                printable(key), suggestion(key, known)));
  }
}

std::vector<std::string> unknown_variables(const SettingSources& sources) {
  std::vector<std::string> lines = unknown_in(sources.environment, "", false);
  for (const auto& further : {unknown_in(sources.secret, " in " + sources.secret_name, true),
                              unknown_in(sources.env_file, " in .env", true)})
    lines.insert(lines.end(), further.begin(), further.end());
  return lines;
}

}  // namespace hubkeep
