// The profiles of ~/.aws/config and ~/.aws/credentials, put together as the AWS command line does.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "aws/environment.h"
#include "aws/ini.h"

namespace hubkeep {

struct SharedConfig {
  std::map<std::string, IniSettings> profiles;      // by name; of both files, the credentials file wins
  std::map<std::string, IniSettings> sso_sessions;  // [sso-session NAME]
  std::map<std::string, IniSettings> services;      // [services NAME]
  std::string config_file;                          // where it was read, for messages
  std::string credentials_file;
};

/// In `config`, profiles are [default] and [profile NAME]; in `credentials`, every section is one. Throws
/// Error(invalid).
SharedConfig merge_shared_config(std::string_view config, std::string_view credentials);

/// Reads the files that AWS_CONFIG_FILE and AWS_SHARED_CREDENTIALS_FILE name, or those under ~/.aws; a file
/// that does not exist is empty. Throws Error, which names the file: forbidden, invalid.
SharedConfig load_shared_config(const AwsEnvironment& environment);

/// AWS_PROFILE, AWS_DEFAULT_PROFILE or "default".
std::string profile_name(const AwsEnvironment& environment);

/// The settings of profile_name(), empty when there is no "default". Throws Error(invalid) when the
/// environment names a profile that does not exist.
IniSettings current_profile(const AwsEnvironment& environment, const SharedConfig& config);

std::optional<std::string> setting(const IniSettings& settings, const std::string& name);

/// `path` with a leading ~ replaced.
std::string expand_home(const AwsEnvironment& environment, std::string_view path);

/// Nothing when there is no such file. Throws Error(forbidden) when it cannot be read.
std::optional<std::string> read_small_file(const std::string& path);

}  // namespace hubkeep
