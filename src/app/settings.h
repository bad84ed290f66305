// What a run is to do, as the user said it: typed values, and where each came from.
// load_settings.h fills them from flags, environment, a secret of AWS Secrets Manager, the user's TOML file,
// and `.env` and hubkeep.toml of the current folder, in this order, the first one wins; all that can be set
// stands in settings_table.cc, and what the folder's files must not say in settings_trust.h.
#pragma once

#include <chrono>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "aws/environment.h"
#include "base/byte_sink.h"
#include "base/secret.h"
#include "github/github.h"
#include "vault/content_kinds.h"

namespace hubkeep {

/// The commands, as far as their settings differ. `reader` is every one that needs a vault and nothing else:
/// list, rebuild-catalog, and others that may come; `browse` looks into one state of a repository, `diff`
/// into two. Each has a name in cli/command_table.h.
enum class Command : unsigned {
  backup = 1,
  reader = 2,
  restore = 4,
  verify = 8,
  copy = 16,
  drill = 32,
  browse = 64,
  diff = 128,
  doctor = 256,
  show = 512
};

/// In the order in which they win.
enum class SettingSource { flag, environment, secret, users_config, env_file, folders_config };

/// Whose word something is: the user's, or that of a file that lies in the current folder.
enum class Trust { folder, user };

struct SettingOrigin {
  SettingSource source = SettingSource::flag;
  std::string text;  // "--jobs", "TOKEN_GITHUB in .env", "to in hubkeep.toml"
  Trust trust = Trust::user;
};

/// The values that flags were given, by flag name without dashes ("token-file"), as they were typed. A
/// boolean flag without a value stands as "true".
using FlagValues = std::map<std::string, std::vector<std::string>>;

/// Made by load_settings.h; the defaults are in the table, not here.
struct Settings {
  Secret token;        // empty: none
  std::string app_id;  // of a GitHub App, in place of a token; empty: none
  Secret app_key;      // PEM; with app_id and never without
  RepositorySelection selection;
  std::string to;    // a folder or URL; empty: not given, see resolved_vault_location()
  std::string from;  // a folder or URL; empty: not given, see vault_to_read()
  std::string s3_bucket;
  std::string s3_prefix;
  std::string vault_id;        // that the vault must have; empty: any
  bool must_exist = false;     // the vault is not made where it is missing
  std::string endpoint_url;    // of S3; empty: AWS, or what its configuration says
  std::string region;          // empty: what AWS's configuration says
  std::string storage_class;   // of packs; empty: the bucket's default
  std::string sse;             // "AES256", "aws:kms"; empty: the bucket's default
  std::string sse_kms_key_id;  // empty: AWS's own key
  std::string object_lock;     // "governance", "compliance"; empty: nothing is locked
  std::uint64_t retain_days = 0;
  std::string thaw;  // "expedited", "standard", "bulk"; empty: nothing is asked for
  std::uint64_t thaw_days = 0;
  std::string max_gone;  // see MaxGone
  bool accept_gone = false;
  std::string api_url;
  std::vector<std::string> api_aliases;  // "host[:port]"
  std::uint64_t jobs = 0;
  std::uint64_t retries = 0;
  ByteCount memory = 0;
  std::chrono::days recheck_after{};
  std::chrono::seconds wiki_every{};
  std::chrono::seconds stale_after{};
  std::chrono::seconds stall_timeout{};
  std::filesystem::path ca_file;     // for GitHub; empty: the system's, see authorities.h
  std::filesystem::path s3_ca_file;  // for the store; empty: see authorities.h
  std::filesystem::path temp_dir;    // empty: not given
  std::string at;                    // a time or the name of a snapshot; empty: the newest
  std::filesystem::path repair;      // what a verification has found; empty: a usual backup
  std::vector<std::string> with;     // see content_kinds.h
  std::vector<std::string> without;  // the same
  ByteCount lfs_max_size = 0;        // of an object of Git LFS; 0: any
  bool zip = false;
  bool zip_always = false;  // only with zip, as no_git
  bool no_git = false;
  bool no_proof = false;
  bool read_data = false;
  bool verify_restore = false;
  bool verify_deep = false;
  std::string read_data_subset;  // see DataSubset; empty: none
  std::uint64_t drill_count = 0;
  std::optional<std::uint64_t> drill_seed;  // nothing: another one each time
  bool against_github = false;
  std::filesystem::path html;  // where to write the page; empty: nowhere
  bool json = false;
  std::string log_format;  // "text", "json"
  std::string secret_id;   // in AWS Secrets Manager; empty: none
  bool quiet = false;      // never together with verbose
  bool verbose = false;
  std::filesystem::path config;  // the first TOML file that was read; empty: none
  bool trust_folder = false;     // what was found in the current folder counts as the user's word

  std::filesystem::path state_folder;  // where this machine remembers vaults; empty: nowhere
  std::filesystem::path cache_folder;  // for what can be read again; empty: nowhere
  AwsEnvironment aws_environment;      // AWS_… variables of environment and `.env`, and the home folder
  /// Without `.env`, where that must not say where a vault is: it must be in the same place with both.
  std::optional<AwsEnvironment> guarded_aws_environment;

  FlagValues flags;                                           // as they were typed; no secret is among them
  std::map<std::string, SettingOrigin, std::less<>> origins;  // by setting name; defaults have none
  std::vector<std::string> warnings;                          // one printable line each
};

/// A command, and the vaults that stand on its command line beside the flags: those of copy, from and to.
struct CommandUse {
  CommandUse(Command used, std::vector<std::string> named = {}) : command(used), vaults(std::move(named)) {}

  Command command;
  std::vector<std::string> vaults;
};

/// What a backup keeps beside histories.
ContentKinds kinds_to_keep(const Settings& settings);

/// Where a setting's value came from: "--jobs", "BACKUP_S3_BUCKET in .env", "default".
std::string origin_of(const Settings& settings, std::string_view name);

/// The vault that `backup` writes: `to`, else "s3://bucket/prefix", else "./hubkeep-vault".
std::string resolved_vault_location(const Settings& settings);

/// The vault that the other commands read: `from`, else what `backup` would write.
std::string vault_to_read(const Settings& settings);

}  // namespace hubkeep
