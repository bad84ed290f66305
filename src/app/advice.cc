#include "app/advice.h"

#include <algorithm>
#include <array>

#include "app/settings_table.h"
#include "base/shell_word.h"

namespace hubkeep {
namespace {

// What decides which vault is meant and how it is reached, but for its place: the settings' sources as well.
constexpr std::array<std::string_view, 7> kWayToVault = {"config",     "trust-folder", "secret-id", "ca-file",
                                                         "s3-ca-file", "endpoint-url", "region"};

// Another way to say the place.
constexpr std::array<std::string_view, 4> kPlace = {"from", "to", "s3-bucket", "s3-prefix"};

bool contains(const auto& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

FlagValues way_to_vault(const Settings& settings) {
  FlagValues flags;
  for (const auto& [name, values] : settings.flags)
    if (contains(kWayToVault, name)) flags.emplace(name, values);
  return flags;
}

// With a '=' where a value could be taken for a flag.
std::string words_of(const SettingDefinition& setting, const std::string& value) {
  const std::string flag = "--" + flag_name(setting);
  if (setting.type == SettingType::boolean) return value == "true" ? flag : flag + "=" + shell_word(value);
  return flag + (value.starts_with('-') ? "=" : " ") + shell_word(value);
}

}  // namespace

std::string flag_words(Command command, const FlagValues& flags) {
  std::string text;
  const auto add = [&](const SettingDefinition& setting) {
    const auto given = flags.find(flag_name(setting));
    if (given == flags.end() || !has_flag(setting, command)) return;
    for (const std::string& value : given->second)
      text += (text.empty() ? "" : " ") + words_of(setting, value);
  };
  // The place first: it is what the reader looks for.
  for (const bool is_place : {true, false})
    for (const SettingDefinition& setting : settings_table())
      if (contains(kPlace, setting.name) == is_place) add(setting);
  return text;
}

FlagValues reading_flags(const Settings& settings, const std::string& location) {
  FlagValues flags = way_to_vault(settings);
  flags["from"] = {location};
  return flags;
}

FlagValues writing_flags(const Settings& settings, const std::string& location) {
  FlagValues flags = way_to_vault(settings);
  flags["to"] = {location};
  return flags;
}

}  // namespace hubkeep
