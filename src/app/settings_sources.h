// Where a setting may stand, and which of the places wins.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "app/environment_source.h"
#include "app/settings.h"
#include "app/settings_table.h"
#include "app/toml_source.h"

namespace hubkeep {

struct TomlFile {
  TomlValues values;
  std::string name;  // as messages say it; empty: there is none
};

struct SettingSources {
  FlagValues flags;
  Environment environment;
  Environment secret;
  std::string secret_name;  // as messages say it
  Trust secret_trust = Trust::user;
  TomlFile users_config;  // that a flag or variable names, or that of the user's home
  Environment env_file;
  TomlFile folders_config;
  Trust folder_trust = Trust::folder;  // the user's with --trust-folder
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
void check_config_keys(const TomlFile& file);

/// Throws Error(invalid) where a file or secret asks to be trusted.
void check_who_gives_trust(const SettingSources& sources);

/// A line for each HUBKEEP_ variable that sets nothing, and for older names that are misspelt in .env or
/// secret.
std::vector<std::string> unknown_variables(const SettingSources& sources);

}  // namespace hubkeep
