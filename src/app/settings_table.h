// The one table of everything that can be set. Flags, environment names, TOML keys, help and defaults are
// made from it; a new setting is a new row and a new member of Settings.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "app/settings.h"
#include "app/settings_value.h"

namespace hubkeep {

/// Bits of Command.
using CommandSet = unsigned;

/// What may be at stake, as bits: who has a word in where that goes and what becomes of it is
/// settings_trust.h's.
using StakeSet = unsigned;
constexpr StakeSet kTokenStake = 1;    // GitHub's token, and all that it can read
constexpr StakeSet kStoredStake = 2;   // what is written into a bucket
constexpr StakeSet kAwsStake = 4;      // AWS's keys
constexpr StakeSet kSecretsStake = 8;  // the secrets of AWS Secrets Manager
constexpr StakeSet kFileStake = 16;    // the files of this machine

enum class PowerKind {
  harmless,
  destination,  // where something goes
  authority,    // whom to trust with it
  fate,         // what becomes of it there
  file,         // a file or folder to be used
  secret,       // a secret to be read
  consent       // that the folder is trusted: never its own word
};

/// What whoever gives a setting decides. It has no default: a new setting does not compile without it.
struct Power {
  constexpr Power(PowerKind its_kind, StakeSet stakes) : kind(its_kind), over(stakes) {}

  PowerKind kind;
  StakeSet over;
};

struct SettingDefinition {
  std::string_view name;  // the flag without dashes, and the TOML key
  SettingType type = SettingType::text;
  std::string_view group;       // heading in the help
  std::string_view value_name;  // in the help; empty for booleans
  std::string_view help;
  std::string_view default_text;                       // empty: none
  std::vector<std::string_view> older_names;           // further environment variables, the first wins
  Power power;                                         // of its value; of a secret, of its file's name
  CommandSet used_by = 0;                              // the commands whose settings it is among
  CommandSet without_flag = 0;                         // those of them that have no flag for it
  SettingRange range = {};                             // of numbers and byte counts
  void (*store)(Settings&, SettingValue&&) = nullptr;  // puts the value where it belongs
};

/// In the order of the help.
const std::vector<SettingDefinition>& settings_table();

/// The row of that name, which there is.
const SettingDefinition& setting_named(std::string_view name);

bool is_used_by(const SettingDefinition& setting, Command command);
bool has_flag(const SettingDefinition& setting, Command command);

/// "only-owner"; of a secret "token-file", since what stands in a flag shows in the list of processes.
std::string flag_name(const SettingDefinition& setting);
/// What the TOML file may call it: the flag's name; empty for --config and --trust-folder.
std::string toml_key(const SettingDefinition& setting);

struct EnvironmentName {
  std::string name;
  bool names_file = false;  // the variable holds the path of a file that holds the value
};

/// All variables that set it, in the order in which they win: HUBKEEP_TOKEN, HUBKEEP_TOKEN_FILE, TOKEN_GITHUB
/// …
std::vector<EnvironmentName> environment_names(const SettingDefinition& setting);

/// The best known variable that holds the value itself: TOKEN_GITHUB.
std::string variable_of_value(const SettingDefinition& setting);

}  // namespace hubkeep
