// One setting is looked for in six places, in the order of find_setting(); the first that has it wins. An
// empty variable counts as unset, as a shell script means it, while an empty flag is an error.
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
GivenSetting given_by(SettingOrigin origin, std::vector<std::string> items) {
  GivenSetting given;
  given.origin = std::move(origin);
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
  GivenSetting found = given_by({SettingSource::flag, "--" + name}, given->second);
  found.names_file = is_secret(setting);
  return found;
}

// `place`: the source, and what stands behind a variable's name in messages.
std::optional<GivenSetting> find_variable(const SettingDefinition& setting, const Environment& variables,
                                          const SettingOrigin& place) {
  for (const EnvironmentName& name : environment_names(setting)) {
    const auto variable = variables.find(name.name);
    if (variable == variables.end() || is_empty(setting, variable->second)) continue;
    GivenSetting found = given_by({place.source, name.name + place.text, place.trust}, {variable->second});
    found.names_file = name.names_file;
    return found;
  }
  return std::nullopt;
}

std::optional<GivenSetting> find_key(const SettingDefinition& setting, const TomlFile& file,
                                     SettingOrigin origin) {
  const std::string key = toml_key(setting);
  const auto value = file.values.find(key);
  if (key.empty() || value == file.values.end()) return std::nullopt;
  origin.text = fmt::format("{} in {}", key, file.name);
  if (value->second.is_array && setting.type != SettingType::text_list)
    throw Error(ErrorKind::invalid, origin.text + ": a list, where one value belongs");
  if (!value->second.is_array && is_empty(setting, value->second.items.front())) return std::nullopt;
  GivenSetting found = given_by(std::move(origin), value->second.items);
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
  using enum SettingSource;
  if (auto given = find_flag(setting, sources.flags)) return given;
  if (auto given = find_variable(setting, sources.environment, {environment, ""})) return given;
  if (auto given = find_variable(setting, sources.secret,
                                 {secret, " in " + sources.secret_name, sources.secret_trust}))
    return given;
  if (auto given = find_key(setting, sources.users_config, {users_config, ""})) return given;
  if (auto given = find_variable(setting, sources.env_file, {env_file, " in .env", sources.folder_trust}))
    return given;
  return find_key(setting, sources.folders_config, {folders_config, "", sources.folder_trust});
}

void check_config_keys(const TomlFile& file) {
  std::vector<std::string> known;
  for (const SettingDefinition& setting : settings_table()) {
    const std::string key = toml_key(setting);
    if (!key.empty()) known.push_back(key);
    if (!is_secret(setting) || !file.values.contains(std::string(setting.name))) continue;
    throw Error(
        ErrorKind::invalid,
        fmt::format("{0} in {1}: a secret does not belong in this file; put it into a file of its own and "
                    "name that with {2}, or set {3}",
                    setting.name, file.name, key, variable_of_value(setting)));
  }
  for (const auto& [key, value] : file.values) {
    if (std::find(known.begin(), known.end(), key) != known.end()) continue;
    throw Error(ErrorKind::invalid,
                fmt::format("{}: unknown setting '{}'{}", file.name, printable(key), suggestion(key, known)));
  }
}

// A folder could otherwise vouch for itself. See Trust.IsNotGivenByAFile.
void check_who_gives_trust(const SettingSources& sources) {
  const SettingDefinition& setting = setting_named("trust-folder");
  for (const auto& given : {find_variable(setting, sources.secret, {{}, " in " + sources.secret_name}),
                            find_variable(setting, sources.env_file, {{}, " in .env"})}) {
    if (!given) continue;
    throw Error(ErrorKind::invalid,
                given->origin.text + " asks for trust: only --trust-folder and the environment can give it");
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
