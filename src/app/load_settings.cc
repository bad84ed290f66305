// The order matters, since each source may only name what the one before it allows. First flags and the
// environment, which say whether the folder is trusted; then .env; then hubkeep.toml, whose place .env must
// not choose for the user; then the secret of AWS Secrets Manager, which needs AWS's variables of all of
// these. After each step check_trust() looks at what is at stake by now, before anything is read or sent with
// it. Then every setting that the command uses is filled from the first source that has it.
#include "app/load_settings.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "app/aws_variables.h"
#include "app/env_file_source.h"
#include "app/known_vaults.h"
#include "app/secret_source.h"
#include "app/settings_checks.h"
#include "app/settings_sources.h"
#include "app/settings_table.h"
#include "app/settings_trust.h"
#include "base/error.h"
#include "base/shell_word.h"
#include "base/text.h"

namespace hubkeep {
namespace {

constexpr std::string_view kEnvFile = ".env";
constexpr std::string_view kConfigFile = "hubkeep.toml";
constexpr std::string_view kVaultMark = "hubkeep.json";  // docs/storage-format.md

FileText required_file(const FileReader& read_file, const std::string& path, NamedBy by) {
  FileText file = read_file(path, by);
  if (file.state == FileText::State::missing)
    throw Error(ErrorKind::invalid, fmt::format("there is no file {}", printable(path)));
  if (file.state == FileText::State::folder)
    throw Error(ErrorKind::invalid, fmt::format("{} is a folder, not a file", printable(path)));
  if (file.state == FileText::State::special)
    throw Error(ErrorKind::invalid, fmt::format("{} is {}, not a file", printable(path), file.what));
  return file;
}

std::string readable_secret_text(const std::string& path) {
  return fmt::format("{} holds a secret, and others on this machine may read it: chmod 600 {}",
                     printable(path), shell_word(path));
}

bool holds_secret(const Environment& variables) {
  return std::any_of(variables.begin(), variables.end(), [](const auto& variable) {
    if (variable.first == "AWS_SECRET_ACCESS_KEY" || variable.first == "AWS_SESSION_TOKEN") return true;
    const auto& table = settings_table();
    return std::any_of(table.begin(), table.end(), [&](const SettingDefinition& setting) {
      if (!is_secret(setting.type)) return false;
      const auto names = environment_names(setting);
      return std::any_of(names.begin(), names.end(),
                         [&](const auto& name) { return name.name == variable.first && !name.names_file; });
    });
  });
}

TomlFile parse_config(const std::string& text, std::string name) {
  TomlFile file{.values = {}, .name = std::move(name)};
  file.values = with_context(file.name, [&] { return parse_toml(text); });
  check_config_keys(file);
  return file;
}

// The XDG Base Directory Specification: a relative path does not count.
std::string users_config_path(const Environment& environment) {
  const auto get = [&](const char* name) {
    const auto found = environment.find(name);
    return found == environment.end() ? std::string() : found->second;
  };
  const std::string xdg = get("XDG_CONFIG_HOME");
  const std::string home = get("HOME");
  if (!xdg.starts_with('/') && home.empty()) return "";
  return (xdg.starts_with('/') ? xdg : home + "/.config") + "/hubkeep/hubkeep.toml";
}

/// The files that hold settings, from which `sources` are filled.
class SettingFiles {
 public:
  SettingFiles(SettingSources& sources, const FileReader& read_file)
      : sources_(sources), read_file_(read_file) {}

  void read(const CommandUse& use) {
    read_env_file();
    check_who_gives_trust(sources_);
    // With nothing but files at stake: which one --config names is asked before all else.
    check_trust(use, sources_, {{.kind = kFileStake, .trust = Trust::user, .origin = ""}});
    if (const auto named = find_setting(setting_named("config"), sources_)) return read_named(*named);
    read_users_own();
    if (auto file = found(kConfigFile))
      sources_.folders_config = parse_config(file->text, std::string(kConfigFile));
  }

  std::vector<std::string> warnings() && { return std::move(warnings_); }

 private:
  void read_env_file() {
    const auto file = found(kEnvFile);
    if (!file) return;
    sources_.env_file = with_context(kEnvFile, [&] { return parse_env_file(file->text); });
    if (file->others_may_read && holds_secret(sources_.env_file))
      warnings_.push_back(readable_secret_text(std::string(kEnvFile)));
  }

  // It must exist.
  void read_named(const GivenSetting& named) {
    const std::string& path = named.items.back();
    sources_.users_config = with_context(named.origin.text, [&] {
      return parse_config(required_file(read_file_, path, NamedBy::user).text, printable(path));
    });
  }

  void read_users_own() {
    const std::string path = users_config_path(sources_.environment);
    if (path.empty()) return;
    try {
      const FileText file = read_file_(path, NamedBy::folder);
      if (file.state == FileText::State::found)
        sources_.users_config = parse_config(file.text, printable(path));
      if (file.state == FileText::State::special)
        warnings_.push_back(
            fmt::format("{} is {}, not a file; going on without it", printable(path), file.what));
    } catch (const Error& error) {
      // HOME may be another user's, after sudo for one.
      // See TheUsersOwnFile.ThatCannotBeReadIsToldAndNoError.
      if (error.kind() != ErrorKind::forbidden) throw;
      warnings_.push_back(error.message() + "; going on without it");
    }
  }

  // In the current folder. A folder of that name is no error: Python's virtual environments are often called
  // `.env`. What lies in a vault is data.
  std::optional<FileText> found(std::string_view name) {
    FileText file = read_file_(name, NamedBy::folder);
    if (file.state != FileText::State::found && file.state != FileText::State::special) return std::nullopt;
    const bool is_obeyed = sources_.folder_trust == Trust::user || !is_in_vault();
    if (is_obeyed && file.state == FileText::State::special)
      throw Error(
          ErrorKind::invalid,
          fmt::format("{} in the current folder is {}, not a file: move it away, or start hubkeep elsewhere",
                      name, file.what));
    if (is_obeyed) return file;
    warnings_.push_back(fmt::format(
        "{} is not obeyed, since the current folder is a vault; go elsewhere, or give --trust-folder", name));
    return std::nullopt;
  }

  bool is_in_vault() const {
    const FileText identity = read_file_(kVaultMark, NamedBy::folder);
    return identity.state == FileText::State::found && identity.text.find("\"vault\"") != std::string::npos;
  }

  SettingSources& sources_;
  const FileReader& read_file_;
  std::vector<std::string> warnings_;
};

bool is_trusted_folder(const SettingSources& sources) {
  const SettingDefinition& setting = setting_named("trust-folder");
  const auto given = find_setting(setting, sources);
  return given && with_context(given->origin.text, [&] {
           return std::get<bool>(parse_setting(setting.type, {}, given->items, given->origin.text));
         });
}

// Editors of Windows write one.
std::string without_byte_order_mark(const std::string& text) {
  constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";
  return text.starts_with(kByteOrderMark) ? text.substr(kByteOrderMark.size()) : text;
}

bool is_path(std::string_view text) {
  return text.find_first_of("/.") != std::string_view::npos;
}

SettingValue value_of(const SettingDefinition& setting, const GivenSetting& given,
                      const FileReader& read_file, std::vector<std::string>& warnings) {
  if (!given.names_file) return parse_setting(setting.type, setting.range, given.items, given.origin.text);
  const std::string& path = given.items.back();
  const std::string origin = given.origin.source == SettingSource::flag
                                 ? fmt::format("{} {}", given.origin.text, printable(path))
                                 : fmt::format("{} ({})", printable(path), given.origin.text);
  // Whoever mistakes the flag for the token's own has typed the token.
  // See Settings.DoNotShowATokenThatStandsWhereItsFileBelongs.
  const NamedBy by = given.origin.trust == Trust::user ? NamedBy::user : NamedBy::folder;
  if (!is_path(path) && read_file(path, NamedBy::folder).state == FileText::State::missing)
    throw Error(
        ErrorKind::invalid,
        "there is no such file; its name is not shown, since it may be the secret itself: what is wanted "
        "is the name of a file that holds it");
  const FileText file = required_file(read_file, path, by);
  if (file.others_may_read) warnings.push_back(readable_secret_text(path));
  const std::string text = without_byte_order_mark(file.text);
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
  with_context(given->origin.text,
               [&] { setting.store(settings, value_of(setting, *given, read_file, settings.warnings)); });
  settings.origins.insert_or_assign(std::string(setting.name), given->origin);
}

// Whether flags or environment say where the vault is, over which no secret wins.
bool is_vault_known(const SettingSources& sources) {
  const auto is_said = [&](const char* name) {
    const auto given = find_setting(setting_named(name), sources);
    return given && given->origin.source <= SettingSource::environment;
  };
  return is_said("from") || is_said("to") || (is_said("s3-bucket") && is_said("s3-prefix"));
}

// Whoever signs in to GitHub needs the secret for its token. Whoever only reads a vault needs of it no more
// than where that is.
std::optional<GivenSetting> secret_to_read(Command command, const SettingSources& sources) {
  const SettingDefinition& setting = setting_named("secret-id");
  if (!is_used_by(setting, command)) return std::nullopt;
  if (!signs_in(command, sources) && is_vault_known(sources)) return std::nullopt;
  return find_setting(setting, sources);
}

// A credential is none of the settings of a command that does not sign in this time.
bool is_taken(const SettingDefinition& setting, Command command, const SettingSources& sources) {
  const bool is_credential = is_secret(setting.type) || setting.name == "app-id";
  return is_used_by(setting, command) && (!is_credential || signs_in(command, sources));
}

// Whoever reads a vault does not keep the secrets that stand beside its place.
void drop_unused_secrets(SettingSources& sources, Command command) {
  for (const SettingDefinition& setting : settings_table()) {
    if (!is_secret(setting.type) || is_taken(setting, command, sources)) continue;
    for (const EnvironmentName& name : environment_names(setting)) sources.secret.erase(name.name);
  }
}

// After the files, since reading it needs AWS's variables of the other places.
void read_secret(SettingSources& sources, const GivenSetting& given, const CommandUse& use,
                 const SecretReader& read) {
  check_trust(use, sources, stakes_of(use, sources, true));
  sources.secret_name = "the secret " + printable(given.items.back());
  // Where the keys are the folder's, so is what answers to them.
  sources.secret_trust = has_folders_aws_keys(sources) ? Trust::folder : given.origin.trust;
  with_context(given.origin.text, [&] {
    const Secret text = read(aws_environment(sources), given.items.back());
    sources.secret = with_context(sources.secret_name, [&] { return parse_secret(text); });
  });
  drop_unused_secrets(sources, use.command);
  check_who_gives_trust(sources);
}

void append(std::vector<std::string>& lines, std::vector<std::string> more) {
  lines.insert(lines.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
}

}  // namespace

Settings load_settings(const CommandUse& use, const FlagValues& flags, const Environment& environment,
                       const SettingReaders& readers) {
  SettingSources sources{.flags = flags, .environment = environment};
  if (is_trusted_folder(sources)) sources.folder_trust = Trust::user;
  SettingFiles files(sources, readers.read_file);
  files.read(use);
  const auto secret = secret_to_read(use.command, sources);
  const bool is_whole = !secret || readers.read_secret;
  if (secret && is_whole) read_secret(sources, *secret, use, readers.read_secret);
  const Stakes stakes = stakes_of(use, sources, secret.has_value());
  check_trust(use, sources, stakes);

  Settings settings;
  settings.flags = flags;
  settings.warnings = std::move(files).warnings();
  append(settings.warnings, unknown_variables(sources));
  append(settings.warnings, disobeyed_aws_variables(sources));
  for (const SettingDefinition& setting : settings_table())
    if (is_taken(setting, use.command, sources)) fill(settings, setting, sources, readers.read_file);
  if (settings.config.empty())
    settings.config =
        sources.users_config.name.empty() ? sources.folders_config.name : sources.users_config.name;
  check_settings(settings);
  if (is_whole) check_whole_settings(settings, sources, use.command);
  settings.aws_environment = aws_environment(sources);
  if (sources.folder_trust == Trust::folder && writes_what_is_the_users(stakes))
    settings.guarded_aws_environment = users_aws_environment(sources);
  settings.state_folder = state_folder_of(environment);
  settings.cache_folder = cache_folder_of(environment);
  return settings;
}

}  // namespace hubkeep
