// Where a setting may stand, and which of the places wins.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "app/settings.h"
#include "app/settings_table.h"
#include "app/toml_source.h"

namespace hubkeep {

struct SettingSources {
  FlagValues flags;
  Environment environment;
  Environment secret;
  std::string secret_name;  // as messages say it
  Environment env_file;
  TomlValues config;
  std::string config_name;  // of the TOML file, as messages say it
};

/// What was said about a setting in the source that wins.
struct GivenSetting {
  SettingOrigin origin;
  std::vector<std::string> items;  // never empty but for an empty TOML array; paths of a file if names_file
  bool names_file = false;
};

/// Nothing when no source has it. An empty text in environment, `.env` and TOML file counts as not there.
/// Throws Error(invalid) for an empty flag, and for a TOML array where one value belongs.
std::optional<GivenSetting> find_setting(const SettingDefinition& setting, const SettingSources& sources);

/// Throws Error(invalid) for a key that no setting has, and for a secret in the file.
void check_config_keys(const SettingSources& sources);

/// A line for each HUBKEEP_ variable that sets nothing, and for older names that are misspelt in .env or
/// secret.
std::vector<std::string> unknown_variables(const SettingSources& sources);

}  // namespace hubkeep
