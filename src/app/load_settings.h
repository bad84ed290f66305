// Reads the settings of a command from all the places where one may stand.
#pragma once

#include <functional>
#include <string>

#include "app/environment_source.h"
#include "app/file_source.h"
#include "app/settings.h"
#include "base/secret.h"

namespace hubkeep {

/// Reads the text of a secret; throws Error.
using SecretReader = std::function<Secret(const AwsEnvironment& environment, const std::string& id)>;

/// Where load_settings() reads what is no flag and no variable.
struct SettingReaders {
  FileReader read_file = [](const std::filesystem::path& path, NamedBy by) {
    return read_settings_file(path, by);
  };
  SecretReader read_secret;  // empty: the secret is not read, and what needs its values is not checked
};

/// Pure but for the readers: read_file is asked for `.env`, the TOML files and the token file, read_secret
/// for the secret that the setting secret-id names. Settings that the command does not use keep their
/// defaults and are not looked at, so that a restore does not fail on a missing token file. Throws
/// Error(invalid) that names the source of the value, also as check_trust() does; what the readers throw goes
/// through with context.
Settings load_settings(const CommandUse& use, const FlagValues& flags, const Environment& environment,
                       const SettingReaders& readers);

}  // namespace hubkeep
