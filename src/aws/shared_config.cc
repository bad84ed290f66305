// The two files of the AWS command line are merged into one map of profiles: what stands in the credentials
// file wins over the config file, and there [profile default] wins over [default].
#include "aws/shared_config.h"

#include <fmt/format.h>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <system_error>

#include "base/error.h"
#include "base/text.h"

namespace hubkeep {
namespace {

constexpr std::size_t kMaxFileSize = std::size_t{1} << 20;

// NAME of a section "kind NAME" or "kind "NAME"".
std::optional<std::string> name_after(std::string_view kind, std::string_view section) {
  if (!section.starts_with(kind) || section.size() <= kind.size() || section[kind.size()] != ' ') {
    return std::nullopt;
  }
  auto name = section.substr(kind.size() + 1);
  const bool quoted =
      name.size() >= 2 && (name.front() == '"' || name.front() == '\'') && name.back() == name.front();
  return std::string(quoted ? name.substr(1, name.size() - 2) : name);
}

void add(std::map<std::string, IniSettings>& sections, const std::string& name, const IniSettings& settings) {
  for (const auto& [key, value] : settings) sections[name][key] = value;
  sections.try_emplace(name);
}

void add_config_sections(SharedConfig& config, const std::vector<IniSection>& sections) {
  for (const auto& section : sections) {
    if (const auto profile = name_after("profile", section.name)) {
      add(config.profiles, *profile, section.settings);
    } else if (const auto session = name_after("sso-session", section.name)) {
      add(config.sso_sessions, *session, section.settings);
    } else if (const auto services = name_after("services", section.name)) {
      add(config.services, *services, section.settings);
    }
  }
}

std::string file_of(const AwsEnvironment& environment, const char* variable, std::string_view usual) {
  return expand_home(environment, environment.get(variable).value_or(std::string(usual)));
}

}  // namespace

SharedConfig merge_shared_config(std::string_view config_text, std::string_view credentials_text) {
  SharedConfig config;
  const auto sections = parse_ini(config_text);
  for (const auto& section : sections) {
    if (section.name == "default") add(config.profiles, section.name, section.settings);
  }
  add_config_sections(config, sections);  // [profile default] wins over [default]
  for (const auto& section : parse_ini(credentials_text)) {
    add(config.profiles, section.name, section.settings);
  }
  return config;
}

SharedConfig load_shared_config(const AwsEnvironment& environment) {
  const auto config_file = file_of(environment, "AWS_CONFIG_FILE", "~/.aws/config");
  const auto credentials_file = file_of(environment, "AWS_SHARED_CREDENTIALS_FILE", "~/.aws/credentials");
  const auto config_text = read_small_file(config_file).value_or("");
  const auto credentials_text = read_small_file(credentials_file).value_or("");
  // Each alone first: an error must name its file.
  with_context(config_file, [&] { return parse_ini(config_text); });
  with_context(credentials_file, [&] { return parse_ini(credentials_text); });
  auto config = merge_shared_config(config_text, credentials_text);
  config.config_file = config_file;
  config.credentials_file = credentials_file;
  return config;
}

std::string profile_name(const AwsEnvironment& environment) {
  if (const auto name = environment.get("AWS_PROFILE")) return *name;
  return environment.get("AWS_DEFAULT_PROFILE").value_or("default");
}

IniSettings current_profile(const AwsEnvironment& environment, const SharedConfig& config) {
  const auto name = profile_name(environment);
  const auto found = config.profiles.find(name);
  if (found != config.profiles.end()) return found->second;
  if (name == "default") return {};
  throw Error(ErrorKind::invalid,
              fmt::format("AWS_PROFILE names the profile '{}', which stands neither in {} nor in {}",
                          printable(name), config.config_file, config.credentials_file));
}

std::optional<std::string> setting(const IniSettings& settings, const std::string& name) {
  const auto found = settings.find(name);
  if (found == settings.end() || found->second.empty()) return std::nullopt;
  return found->second;
}

std::string expand_home(const AwsEnvironment& environment, std::string_view path) {
  if (path != "~" && !path.starts_with("~/")) return std::string(path);
  return environment.home + std::string(path.substr(1));
}

std::optional<std::string> read_small_file(const std::string& path) {
  std::error_code error;
  if (!std::filesystem::exists(path, error) && !error) return std::nullopt;
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  std::string text(kMaxFileSize + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (!file.is_open() || file.bad()) {
    throw Error(ErrorKind::forbidden, fmt::format("{} cannot be read: {}", printable(path),
                                                  std::generic_category().message(errno)));
  }
  text.resize(static_cast<std::size_t>(file.gcount()));
  if (text.size() > kMaxFileSize) {
    throw Error(ErrorKind::invalid, fmt::format("{} is larger than 1 MiB", printable(path)));
  }
  return text;
}

}  // namespace hubkeep
