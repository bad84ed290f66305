// What cannot be said of one setting alone. check_settings() needs nothing but the settings;
// check_whole_settings() runs only when the secret, if one is named, was read, since it may hold what would
// seem to be missing.
#include "app/settings_checks.h"

#include <fmt/format.h>

#include <algorithm>

#include "app/github_access.h"
#include "backup/absences.h"
#include "base/error.h"
#include "base/gist_name.h"
#include "base/text.h"
#include "vault/identity.h"
#include "verify/data_subset.h"

namespace hubkeep {
namespace {

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
    if (!is_repository_name(name) && !gist_named(name))
      throw Error(ErrorKind::invalid, fmt::format("{}: '{}' is not OWNER/NAME, nor gist:ID",
                                                  origin_of(settings, "repo"), printable(name)));
  }
}

bool has_credential(const Settings& settings) {
  return !settings.token.empty() || !settings.app_id.empty();
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

void check_vault_id(const Settings& settings) {
  const std::string& id = settings.vault_id;
  if (id.empty() || is_vault_id(id)) return;
  throw Error(
      ErrorKind::invalid,
      fmt::format("{}: '{}' is not the id of a vault, which has 32 hexadecimal digits: `hubkeep list` "
                  "shows it",
                  origin_of(settings, "vault-id"), printable(id)));
}

void check_encryption(const Settings& settings) {
  const bool by_kms = settings.sse.starts_with("aws:kms");
  if (!settings.sse.empty() && settings.sse != "AES256" && settings.sse != "aws:kms" &&
      settings.sse != "aws:kms:dsse") {
    throw Error(ErrorKind::invalid, fmt::format("{}: '{}' is not one of AES256, aws:kms, aws:kms:dsse",
                                                origin_of(settings, "sse"), printable(settings.sse)));
  }
  if (!settings.sse_kms_key_id.empty() && !by_kms)
    throw Error(ErrorKind::invalid,
                fmt::format("{} needs --sse aws:kms", origin_of(settings, "sse-kms-key-id")));
}

void check_proofs(const Settings& settings) {
  if (!settings.verify_restore || !settings.verify_deep) return;
  throw Error(ErrorKind::invalid,
              fmt::format("{} and {} exclude each other: both prove that snapshots are whole",
                          origin_of(settings, "restore"), origin_of(settings, "deep")));
}

// A proof reads the whole history, of which the subset is a part: as of quiet and verbose, the one from the
// earlier source counts.
void settle_data_to_read(Settings& settings) {
  if (settings.read_data_subset.empty() || !(settings.verify_restore || settings.verify_deep)) return;
  const SettingOrigin& proof = settings.origins.at(settings.verify_deep ? "deep" : "restore");
  const SettingOrigin& subset = settings.origins.at("read-data-subset");
  if (proof.source == subset.source)
    throw Error(ErrorKind::invalid, fmt::format("{} reads the whole history, and {} a part of it: give one",
                                                proof.text, subset.text));
  if (proof.source < subset.source)
    settings.read_data_subset.clear();
  else
    settings.verify_restore = settings.verify_deep = false;
}

void check_data_subset(const Settings& settings) {
  if (settings.read_data_subset.empty()) return;
  with_context(origin_of(settings, "read-data-subset"),
               [&] { DataSubset::parse(settings.read_data_subset); });
}

void check_max_gone(const Settings& settings) {
  if (settings.max_gone.empty()) return;
  with_context(origin_of(settings, "max-gone"), [&] { MaxGone::parse(settings.max_gone); });
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

void check_kinds(const Settings& settings) {
  with_context(origin_of(settings, "with"), [&] { parse_kinds(settings.with); });
  with_context(origin_of(settings, "without"), [&] { parse_kinds(settings.without); });
}

void check_thaw(const Settings& settings) {
  if (settings.thaw.empty() || settings.thaw == "expedited" || settings.thaw == "standard" ||
      settings.thaw == "bulk")
    return;
  throw Error(ErrorKind::invalid, fmt::format("{}: '{}' is not one of expedited, standard, bulk",
                                              origin_of(settings, "thaw"), printable(settings.thaw)));
}

void check_zips(const Settings& settings) {
  for (const char* name : {"zip-always", "no-git"}) {
    if ((name == std::string_view("no-git") ? settings.no_git : settings.zip_always) && !settings.zip)
      throw Error(ErrorKind::invalid, fmt::format("{} needs --zip", origin_of(settings, name)));
  }
  const auto& names = settings.selection.names;
  if (settings.no_git && std::any_of(names.begin(), names.end(),
                                     [](const std::string& name) { return gist_named(name).has_value(); }))
    throw Error(ErrorKind::invalid, fmt::format("{}: there is no zip of a gist, only its history",
                                                origin_of(settings, "no-git")));
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

}  // namespace

void check_settings(Settings& settings) {
  settle_log_level(settings);
  check_log_format(settings);
  check_repository_names(settings);
  check_one_vault(settings);
  check_vault_id(settings);
  check_encryption(settings);
  check_data_subset(settings);
  check_proofs(settings);
  settle_data_to_read(settings);
  check_max_gone(settings);
  check_kinds(settings);
  check_thaw(settings);
}

void check_whole_settings(Settings& settings, const SettingSources& sources, Command command) {
  check_secret_has_token(settings, sources, command);
  settle_github_access(settings);
  check_object_lock(settings);
  check_zips(settings);
}

}  // namespace hubkeep
