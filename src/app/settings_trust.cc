// The table of settings says of each what it has power over; stakes_of() says what this command has in its
// hands, and whose each of these is. A setting that comes from the folder is refused where its power reaches
// a stake that is the user's. So a folder with its own token and bucket may choose everything, and one that
// merely lies where the user starts hubkeep may choose nothing that matters. Every combination is in
// Trust.OfEachSettingAndSourceIsHeldAgainstWhereEachSecretComesFrom.
#include "app/settings_trust.h"

#include <fmt/format.h>

#include <algorithm>

#include "app/aws_variables.h"
#include "app/github_access.h"
#include "base/error.h"
#include "base/text.h"

namespace hubkeep {
namespace {

std::optional<GivenSetting> given(std::string_view name, const SettingSources& sources) {
  return find_setting(setting_named(name), sources);
}

bool is_bucket(const std::string& location) {
  return to_lower(location).starts_with("s3:");
}

// Of backup and the commands that read; the first of these that is given is where the vault is.
bool vault_is_bucket(Command command, const SettingSources& sources) {
  for (const char* name : {"from", "to"}) {
    if (!is_used_by(setting_named(name), command)) continue;
    if (const auto place = given(name, sources)) return is_bucket(place->items.back());
  }
  return given("s3-bucket", sources).has_value();
}

bool uses_bucket(const CommandUse& use, const SettingSources& sources) {
  if (use.command != Command::copy) return vault_is_bucket(use.command, sources);
  return std::any_of(use.vaults.begin(), use.vaults.end(), is_bucket);
}

// What signs in to GitHub; the App where there is one, since other programs' tokens do not count beside it.
std::optional<SettingOrigin> credential(const SettingSources& sources) {
  const auto token = given("token", sources);
  const auto key = given("app-key", sources);
  if (!token && !key) return std::nullopt;
  if (!token) return key->origin;
  if (!key) return token->origin;
  if (given("app-id", sources) && is_set_by_other_programs(token->origin.text)) return key->origin;
  return token->origin.trust == Trust::user ? token->origin : key->origin;
}

Stake aws_keys(const SettingSources& sources) {
  if (has_folders_aws_keys(sources))
    return {.kind = kAwsStake, .trust = Trust::folder, .origin = "AWS_ACCESS_KEY_ID in .env"};
  const auto id = sources.environment.find("AWS_ACCESS_KEY_ID");
  const bool in_environment = id != sources.environment.end() && !id->second.empty();
  return {.kind = kAwsStake,
          .trust = Trust::user,
          .origin = in_environment ? "AWS_ACCESS_KEY_ID" : "AWS's configuration of this machine"};
}

std::string object_of(const Stake& stake) {
  switch (stake.kind) {
    case kTokenStake:
      return fmt::format("GitHub's token ({}) or what it can read", stake.origin);
    case kStoredStake:
      return fmt::format("what is saved ({})", stake.origin);
    default:
      return fmt::format("AWS's keys ({})", stake.origin);
  }
}

std::string deed_of(PowerKind kind, const Stake& stake) {
  switch (kind) {
    case PowerKind::destination:
      return fmt::format("say where {} may go", object_of(stake));
    case PowerKind::authority:
      return fmt::format("say whom to trust with {}", object_of(stake));
    case PowerKind::fate:
      return fmt::format("say what becomes of {}", object_of(stake));
    case PowerKind::secret:
      return fmt::format("name a secret to be read with {}", object_of(stake));
    default:
      return "name a file";
  }
}

[[noreturn]] void refuse(const std::string& origin, const std::string& deed, const std::string& instead) {
  throw Error(ErrorKind::invalid,
              fmt::format("{}: a file found in the current folder must not {}: {}, or give --trust-folder if "
                          "nobody else can write in this folder",
                          origin, deed, instead));
}

std::string instead_of(const SettingDefinition& setting, const GivenSetting& value, Command command) {
  const std::string variable = environment_names(setting)[value.names_file ? 1 : 0].name;
  if (!has_flag(setting, command)) return fmt::format("set {} in the environment", variable);
  return fmt::format("give --{}, or set {} in the environment", flag_name(setting), variable);
}

// A bucket that loses against a folder or URL, and a prefix without a bucket.
// See Trust.OfABucketThatLosesAgainstTheUsersFolderIsNotAsked.
bool has_no_effect(const SettingDefinition& setting, const CommandUse& use, const SettingSources& sources) {
  if (setting.name == "from" || setting.name == "to") return false;
  if (setting.name != "s3-bucket" && setting.name != "s3-prefix") return false;
  const auto decides = [&](const char* name) {
    return is_used_by(setting_named(name), use.command) && given(name, sources).has_value();
  };
  return decides("from") || decides("to") || !decides("s3-bucket");
}

const Stake* reached(StakeSet power, const Stakes& stakes) {
  const auto found = std::find_if(stakes.begin(), stakes.end(), [&](const Stake& stake) {
    return (stake.kind & power) != 0 && stake.trust == Trust::user;
  });
  return found == stakes.end() ? nullptr : &*found;
}

void check_setting(const SettingDefinition& setting, const CommandUse& use, const SettingSources& sources,
                   const Stakes& stakes) {
  const auto value = find_setting(setting, sources);
  if (!value || value->origin.trust == Trust::user || has_no_effect(setting, use, sources)) return;
  // The folder's own secret may stand in the folder.
  if (is_secret(setting.type) && !value->names_file) return;
  const Stake* stake = reached(setting.power.over, stakes);
  if (stake == nullptr) return;
  refuse(value->origin.text, deed_of(setting.power.kind, *stake), instead_of(setting, *value, use.command));
}

// AWS's variables are no settings of the table, but would send the user's keys elsewhere just as well. See
// TrustOfAwsVariables.RefusesAnEndpointOfAnyServiceThatWouldGetTheUsersKeys.
void check_aws_endpoints(const SettingSources& sources, const Stakes& stakes) {
  const auto of_s3 = given("endpoint-url", sources);
  for (const std::string& name : folders_aws_endpoints(sources)) {
    if (name == "AWS_ENDPOINT_URL_S3" && of_s3 && of_s3->origin.trust == Trust::user) continue;
    if (const Stake* stake = reached(setting_named("endpoint-url").power.over, stakes))
      refuse(name + " in .env", deed_of(PowerKind::destination, *stake), "set it in the environment");
  }
}

}  // namespace

bool signs_in(Command command, const SettingSources& sources) {
  if (command != Command::drill) return command == Command::backup;
  const SettingDefinition& setting = setting_named("against-github");
  const auto against = find_setting(setting, sources);
  return against && with_context(against->origin.text, [&] {
           return std::get<bool>(parse_setting(setting.type, {}, against->items, against->origin.text));
         });
}

Stakes stakes_of(const CommandUse& use, const SettingSources& sources, bool reads_secret) {
  const bool bucket = uses_bucket(use, sources);
  // What lies outside of the folder is the user's.
  Stakes stakes = {{.kind = kFileStake, .trust = Trust::user, .origin = ""}};
  const Stake keys = aws_keys(sources);
  if (bucket || reads_secret) stakes.push_back(keys);
  if (reads_secret) stakes.push_back({.kind = kSecretsStake, .trust = keys.trust, .origin = keys.origin});
  if (const auto origin = signs_in(use.command, sources) ? credential(sources) : std::nullopt) {
    stakes.push_back({.kind = kTokenStake, .trust = origin->trust, .origin = origin->text});
    if (bucket)
      stakes.push_back(
          {.kind = kStoredStake, .trust = origin->trust, .origin = "read with the token of " + origin->text});
  }
  if (use.command == Command::copy && !use.vaults.empty() && is_bucket(use.vaults.back()))
    stakes.push_back(
        {.kind = kStoredStake, .trust = Trust::user, .origin = "out of the vault that is copied"});
  return stakes;
}

void check_trust(const CommandUse& use, const SettingSources& sources, const Stakes& stakes) {
  for (const SettingDefinition& setting : settings_table())
    if (is_used_by(setting, use.command)) check_setting(setting, use, sources, stakes);
  check_aws_endpoints(sources, stakes);
}

bool writes_what_is_the_users(const Stakes& stakes) {
  return reached(kStoredStake, stakes) != nullptr;
}

}  // namespace hubkeep
