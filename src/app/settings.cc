#include "app/settings.h"

#include <fmt/format.h>

#include <algorithm>

#include "app/env_file_source.h"
#include "app/github_access.h"
#include "app/secret_source.h"
#include "app/settings_sources.h"
#include "app/settings_table.h"
#include "base/error.h"
#include "base/text.h"
#include "verify/data_subset.h"

namespace hubkeep {
namespace {

constexpr std::string_view kEnvFile = ".env";
constexpr std::string_view kConfigFile = "hubkeep.toml";
constexpr std::string_view kDefaultVault = "./hubkeep-vault";

const SettingDefinition& definition(std::string_view name) {
  const auto& table = settings_table();
  return *std::find_if(table.begin(), table.end(), [&](const auto& setting) { return setting.name == name; });
}

std::string required_text(const FileReader& read_file, const std::string& path) {
  FileText file = read_file(path);
  if (file.state == FileText::State::missing)
    throw Error(ErrorKind::invalid, fmt::format("there is no file {}", printable(path)));
  if (file.state == FileText::State::folder)
    throw Error(ErrorKind::invalid, fmt::format("{} is a folder, not a file", printable(path)));
  return std::move(file.text);
}

// Finds the TOML file: it must exist when it was named, and may when it was not.
void read_config(SettingSources& sources, const FileReader& read_file) {
  const auto given = find_setting(definition("config"), sources);
  sources.config_name = given ? printable(given->items.back()) : kConfigFile;
  std::string text;
  if (given) {
    text = with_context(given->origin.text, [&] { return required_text(read_file, given->items.back()); });
  } else {
    FileText file = read_file(kConfigFile);
    if (file.state != FileText::State::found) {
      sources.config_name.clear();
      return;
    }
    text = std::move(file.text);
  }
  sources.config = with_context(sources.config_name, [&] { return parse_toml(text); });
  check_config_keys(sources);
}

// A folder of that name is no error: Python's virtual environments are often called so.
Environment read_env_file(const FileReader& read_file) {
  const FileText file = read_file(kEnvFile);
  return with_context(kEnvFile, [&] { return parse_env_file(file.text); });
}

bool is_path(std::string_view text) {
  return text.find_first_of("/.") != std::string_view::npos;
}

SettingValue value_of(const SettingDefinition& setting, const GivenSetting& given,
                      const FileReader& read_file) {
  if (!given.names_file) return parse_setting(setting.type, setting.range, given.items, given.origin.text);
  const std::string& path = given.items.back();
  const std::string origin = given.origin.source == SettingSource::flag
                                 ? fmt::format("{} {}", given.origin.text, printable(path))
                                 : fmt::format("{} ({})", printable(path), given.origin.text);
  // Whoever mistakes the flag for the token's own has typed the token.
  if (!is_path(path) && read_file(path).state == FileText::State::missing)
    throw Error(
        ErrorKind::invalid,
        "there is no such file; its name is not shown, since it may be the secret itself: what is wanted "
        "is the name of a file that holds it");
  const std::string text = required_text(read_file, path);
  return with_context(printable(path),
                      [&] { return parse_setting(setting.type, setting.range, {text}, origin); });
}

void fill(Settings& settings, const SettingDefinition& setting, const SettingSources& sources,
          const FileReader& read_file) {
  const auto given = find_setting(setting, sources);
  if (!given) {
    if (!setting.default_text.empty())
      setting.store(settings,
                    parse_setting(setting.type, {}, {std::string(setting.default_text)}, "default"));
    return;
  }
  with_context(given->origin.text, [&] { setting.store(settings, value_of(setting, *given, read_file)); });
  settings.origins.insert_or_assign(std::string(setting.name), given->origin);
}

// The one from the earlier source counts; two from one source contradict each other.
void settle_log_level(Settings& settings) {
  if (!settings.quiet || !settings.verbose) return;
  const SettingOrigin& quiet = settings.origins.at("quiet");
  const SettingOrigin& verbose = settings.origins.at("verbose");
  if (quiet.source == verbose.source)
    throw Error(ErrorKind::invalid, fmt::format("{} and {} exclude each other", quiet.text, verbose.text));
  (quiet.source < verbose.source ? settings.verbose : settings.quiet) = false;
}

void check_repository_names(const Settings& settings) {
  for (const std::string& name : settings.selection.names) {
    if (!is_repository_name(name))
      throw Error(ErrorKind::invalid,
                  fmt::format("{}: '{}' is not OWNER/NAME", origin_of(settings, "repo"), printable(name)));
  }
}

// AWS's own variables are not settings of ours: they are handed on as they are.
AwsEnvironment aws_environment(const SettingSources& sources) {
  AwsEnvironment aws;
  for (const Environment* source : {&sources.environment, &sources.env_file}) {
    for (const auto& [name, value] : *source) {
      if (name.starts_with("AWS_")) aws.variables.emplace(name, value);
    }
  }
  const auto home = sources.environment.find("HOME");
  if (home != sources.environment.end()) aws.home = home->second;
  return aws;
}

bool has_credential(const Settings& settings) {
  return !settings.token.empty() || !settings.app_id.empty();
}

// Read last of all, and only when it is named: reading it needs AWS's variables of the other places. False:
// it is named and was not read.
bool read_secret(SettingSources& sources, Command command, const SecretReader& read) {
  const SettingDefinition& setting = definition("secret-id");
  const auto given = is_used_by(setting, command) ? find_setting(setting, sources) : std::nullopt;
  if (!given) return true;
  if (!read) return false;
  sources.secret_name = "the secret " + printable(given->items.back());
  with_context(given->origin.text, [&] {
    const Secret text = read(aws_environment(sources), given->items.back());
    sources.secret = with_context(sources.secret_name, [&] { return parse_secret(text); });
  });
  return true;
}

// Whoever keeps settings in a secret keeps the token there: without it a run would save what is public, and
// say that all is well.
void check_secret_has_token(const Settings& settings, const SettingSources& sources, Command command) {
  if (command != Command::backup || settings.secret_id.empty() || has_credential(settings)) return;
  std::string keys;
  for (const auto& [key, value] : sources.secret) keys += (keys.empty() ? "" : ", ") + printable(key);
  throw Error(ErrorKind::unauthorized,
              fmt::format("{} has no token: add the key TOKEN_GITHUB to its JSON (it has {})",
                          sources.secret_name, keys.empty() ? "no keys" : keys));
}

void check_log_format(const Settings& settings) {
  if (settings.log_format == "text" || settings.log_format == "json") return;
  throw Error(ErrorKind::invalid,
              fmt::format("{}: '{}' is neither text nor json", origin_of(settings, "log-format"),
                          printable(settings.log_format)));
}

void check_encryption(const Settings& settings) {
  const bool by_kms = settings.sse.starts_with("aws:kms");
  if (!settings.sse.empty() && settings.sse != "AES256" && settings.sse != "aws:kms" &&
      settings.sse != "aws:kms:dsse") {
    throw Error(ErrorKind::invalid, fmt::format("{}: '{}' is none of AES256, aws:kms, aws:kms:dsse",
                                                origin_of(settings, "sse"), printable(settings.sse)));
  }
  if (!settings.sse_kms_key_id.empty() && !by_kms)
    throw Error(ErrorKind::invalid,
                fmt::format("{} needs --sse aws:kms", origin_of(settings, "sse-kms-key-id")));
}

void check_data_subset(const Settings& settings) {
  if (settings.read_data_subset.empty()) return;
  with_context(origin_of(settings, "read-data-subset"),
               [&] { DataSubset::parse(settings.read_data_subset); });
}

void check_object_lock(const Settings& settings) {
  if (settings.object_lock.empty() && settings.retain_days == 0) return;
  if (settings.object_lock.empty())
    throw Error(ErrorKind::invalid, fmt::format("{} needs --object-lock governance or compliance",
                                                origin_of(settings, "retain-days")));
  const std::string origin = origin_of(settings, "object-lock");
  if (settings.object_lock != "governance" && settings.object_lock != "compliance")
    throw Error(ErrorKind::invalid, fmt::format("{}: '{}' is neither governance nor compliance", origin,
                                                printable(settings.object_lock)));
  if (settings.retain_days == 0)
    throw Error(ErrorKind::invalid, fmt::format("{} needs --retain-days DAYS", origin));
  if (!to_lower(resolved_vault_location(settings)).starts_with("s3://"))
    throw Error(ErrorKind::invalid,
                fmt::format("{} needs a vault in a bucket: --to s3://BUCKET/PREFIX", origin));
}

void check_thaw(const Settings& settings) {
  if (settings.thaw.empty() || settings.thaw == "expedited" || settings.thaw == "standard" ||
      settings.thaw == "bulk")
    return;
  throw Error(ErrorKind::invalid, fmt::format("{}: '{}' is none of expedited, standard, bulk",
                                              origin_of(settings, "thaw"), printable(settings.thaw)));
}

void check_zips(const Settings& settings) {
  for (const char* name : {"zip-always", "no-git"}) {
    if ((name == std::string_view("no-git") ? settings.no_git : settings.zip_always) && !settings.zip)
      throw Error(ErrorKind::invalid, fmt::format("{} needs --zip", origin_of(settings, name)));
  }
  if (settings.no_git && !settings.repair.empty())
    throw Error(ErrorKind::invalid,
                fmt::format("{} and {} exclude each other: what is repaired is history",
                            origin_of(settings, "no-git"), origin_of(settings, "repair")));
}

// A bucket on the command line must not lose in silence against a folder in a file.
void check_one_vault(const Settings& settings) {
  const auto bucket = settings.origins.find("s3-bucket");
  const std::string& other = settings.from.empty() ? settings.to : settings.from;
  if (bucket == settings.origins.end() || bucket->second.source != SettingSource::flag || other.empty())
    return;
  throw Error(ErrorKind::invalid, fmt::format("{} and {} name two vaults; give one", bucket->second.text,
                                              origin_of(settings, settings.from.empty() ? "to" : "from")));
}

void check_each(const Settings& settings) {
  check_log_format(settings);
  check_repository_names(settings);
  check_one_vault(settings);
  check_encryption(settings);
  check_data_subset(settings);
  check_thaw(settings);
}

void check_together(Settings& settings, const SettingSources& sources, Command command) {
  check_secret_has_token(settings, sources, command);
  settle_github_access(settings);
  check_object_lock(settings);
  check_zips(settings);
}

}  // namespace

Settings load_settings(Command command, const FlagValues& flags, const Environment& environment,
                       const SettingReaders& readers) {
  SettingSources sources{.flags = flags, .environment = environment};
  sources.env_file = read_env_file(readers.read_file);
  read_config(sources, readers.read_file);
  const bool is_whole = read_secret(sources, command, readers.read_secret);

  Settings settings;
  settings.warnings = unknown_variables(sources);
  for (const SettingDefinition& setting : settings_table())
    if (is_used_by(setting, command)) fill(settings, setting, sources, readers.read_file);
  if (settings.config.empty()) settings.config = sources.config_name;
  settle_log_level(settings);
  check_each(settings);
  if (is_whole) check_together(settings, sources, command);
  settings.aws_environment = aws_environment(sources);
  return settings;
}

std::string origin_of(const Settings& settings, std::string_view name) {
  const auto origin = settings.origins.find(name);
  return origin == settings.origins.end() ? "default" : origin->second.text;
}

std::string resolved_vault_location(const Settings& settings) {
  if (!settings.to.empty()) return settings.to;
  if (settings.s3_bucket.empty()) return std::string(kDefaultVault);
  std::string_view prefix = settings.s3_prefix;
  while (prefix.starts_with('/')) prefix.remove_prefix(1);
  while (prefix.ends_with('/')) prefix.remove_suffix(1);
  return fmt::format("s3://{}{}{}", settings.s3_bucket, prefix.empty() ? "" : "/", prefix);
}

std::string vault_to_read(const Settings& settings) {
  return settings.from.empty() ? resolved_vault_location(settings) : settings.from;
}

}  // namespace hubkeep
