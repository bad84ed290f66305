#include "app/settings_table.h"

#include <algorithm>

namespace hubkeep {
namespace {

constexpr CommandSet kBackup = static_cast<CommandSet>(Command::backup);
constexpr CommandSet kReader = static_cast<CommandSet>(Command::reader);
constexpr CommandSet kRestore = static_cast<CommandSet>(Command::restore);
constexpr CommandSet kVerify = static_cast<CommandSet>(Command::verify);
constexpr CommandSet kCopy = static_cast<CommandSet>(Command::copy);
constexpr CommandSet kDrill = static_cast<CommandSet>(Command::drill);
constexpr CommandSet kBrowse = static_cast<CommandSet>(Command::browse);
constexpr CommandSet kDiff = static_cast<CommandSet>(Command::diff);
constexpr CommandSet kDoctor = static_cast<CommandSet>(Command::doctor);
constexpr CommandSet kShow = static_cast<CommandSet>(Command::show);
constexpr CommandSet kReading = kReader | kRestore | kVerify | kDrill | kBrowse | kDiff | kShow;
constexpr CommandSet kVaults = kBackup | kReading | kCopy;  // that work with a vault
constexpr CommandSet kEvery = kVaults | kDoctor;

constexpr Power kHarmless(PowerKind::harmless, 0);
constexpr Power kPlace(PowerKind::destination, kTokenStake);
constexpr Power kServer(PowerKind::destination, kStoredStake | kAwsStake);
constexpr Power kAuthority(PowerKind::authority, kTokenStake | kStoredStake | kAwsStake);
constexpr Power kStoreAuthority(PowerKind::authority, kStoredStake | kAwsStake);
constexpr Power kFate(PowerKind::fate, kStoredStake);
constexpr Power kFile(PowerKind::file, kFileStake);
constexpr Power kSecret(PowerKind::secret, kSecretsStake);
constexpr Power kConsent(PowerKind::consent, 0);

constexpr std::string_view kRepositories = "Which repositories";
constexpr std::string_view kVault = "The vault";
constexpr std::string_view kS3 = "S3";
constexpr std::string_view kGitHub = "GitHub";
constexpr std::string_view kNetwork = "Network";
constexpr std::string_view kEffort = "Effort";
constexpr std::string_view kState = "Which state";
constexpr std::string_view kRestoring = "What to restore";
constexpr std::string_view kVerifying = "What to verify";
constexpr std::string_view kDrilling = "What to drill";
constexpr std::string_view kOutput = "Output";
constexpr std::string_view kSettings = "Settings";

template <auto Member>
void store(Settings& settings, SettingValue&& value) {
  auto& member = settings.*Member;
  member = std::get<std::decay_t<decltype(member)>>(std::move(value));
}

template <auto Member>
void select(Settings& settings, SettingValue&& value) {
  auto& member = settings.selection.*Member;
  member = std::get<std::decay_t<decltype(member)>>(std::move(value));
}

void store_seed(Settings& settings, SettingValue&& value) {
  settings.drill_seed = std::get<std::uint64_t>(value);
}

void store_recheck_days(Settings& settings, SettingValue&& value) {
  settings.recheck_after = std::chrono::days(std::get<std::uint64_t>(value));
}

std::vector<SettingDefinition> repository_rows() {
  using enum SettingType;
  return {
      {.name = "user",
       .type = text_list,
       .group = kRepositories,
       .value_name = "LOGIN",
       .help = "back up the repositories of this user; repeatable. Without --user, --org and --repo: "
               "everything that the token can reach",
       .power = kHarmless,
       .used_by = kBackup,
       .store = select<&RepositorySelection::users>},
      {.name = "org",
       .type = text_list,
       .group = kRepositories,
       .value_name = "LOGIN",
       .help = "back up the repositories of this organisation; repeatable",
       .power = kHarmless,
       .used_by = kBackup,
       .store = select<&RepositorySelection::organizations>},
      {.name = "repo",
       .type = text_list,
       .group = kRepositories,
       .value_name = "OWNER/NAME",
       .help = "back up this repository, or this gist: gist:ID; repeatable",
       .power = kHarmless,
       .used_by = kBackup,
       .store = select<&RepositorySelection::names>},
      {.name = "starred",
       .type = boolean,
       .group = kRepositories,
       .help = "also back up the repositories that the token's user has starred",
       .default_text = "false",
       .power = kHarmless,
       .used_by = kBackup,
       .store = select<&RepositorySelection::starred>},
      {.name = "only-owner",
       .type = boolean,
       .group = kRepositories,
       .help = "only repositories that belong to the token's user, or to the account on which the App is "
               "installed, not those where the user collaborates",
       .default_text = "false",
       .older_names = {"BACKUP_ONLY_OWNER_REPOS"},
       .power = kHarmless,
       .used_by = kBackup,
       .store = select<&RepositorySelection::only_owner>},
      {.name = "include",
       .type = text_list,
       .group = kRepositories,
       .value_name = "GLOB",
       .help = "of these, only repositories whose OWNER/NAME matches, as in 'acme/*'; repeatable",
       .power = kHarmless,
       .used_by = kBackup,
       .store = select<&RepositorySelection::include>},
      {.name = "exclude",
       .type = text_list,
       .group = kRepositories,
       .value_name = "GLOB",
       .help = "leave out repositories whose OWNER/NAME matches; repeatable",
       .power = kHarmless,
       .used_by = kBackup,
       .store = select<&RepositorySelection::exclude>},
      {.name = "skip-forks",
       .type = boolean,
       .group = kRepositories,
       .help = "leave out forks",
       .default_text = "false",
       .power = kHarmless,
       .used_by = kBackup,
       .store = select<&RepositorySelection::skip_forks>},
      {.name = "skip-archived",
       .type = boolean,
       .group = kRepositories,
       .help = "leave out archived repositories",
       .default_text = "false",
       .power = kHarmless,
       .used_by = kBackup,
       .store = select<&RepositorySelection::skip_archived>},
      {.name = "max-gone",
       .group = kRepositories,
       .value_name = "SHARE|N",
       .help = "how many repositories may vanish from GitHub in one run before it ends with exit code 3: a "
               "number, or a share such as 5%, which always allows two. If a private one vanishes, the exit "
               "code is 3 in any case",
       .default_text = "5%",
       .power = kHarmless,
       .used_by = kBackup,
       .store = store<&Settings::max_gone>},
      {.name = "accept-gone",
       .type = boolean,
       .group = kRepositories,
       .help = "accept that the repositories that have vanished from GitHub are gone: later runs do not end "
               "with exit code 3 because of them",
       .default_text = "false",
       .power = kHarmless,
       .used_by = kBackup,
       .store = store<&Settings::accept_gone>},
      {.name = "zip",
       .type = boolean,
       .group = kRepositories,
       .help =
           "also save the files of the default branch as a zip made by GitHub, whenever the branch has moved",
       .default_text = "false",
       .older_names = {"BACKUP_ZIP"},
       .power = kHarmless,
       .used_by = kBackup,
       .store = store<&Settings::zip>},
      {.name = "with",
       .type = text_list,
       .group = kRepositories,
       .value_name = "KIND",
       .help =
           "also keep this beside histories: wiki, lfs, releases, attachments, issues, events, discussions, "
           "settings, gists, starred-gists or all; "
           "repeatable (default: wiki, lfs, releases, attachments, gists)",
       .power = kHarmless,
       .used_by = kBackup,
       .store = store<&Settings::with>},
      {.name = "without",
       .type = text_list,
       .group = kRepositories,
       .value_name = "KIND",
       .help = "do not keep this; names as of --with, which wins: --without all --with lfs",
       .power = kHarmless,
       .used_by = kBackup,
       .store = store<&Settings::without>},
      {.name = "lfs-max-size",
       .type = byte_count,
       .group = kRepositories,
       .value_name = "SIZE",
       .help = "leave out Git LFS objects larger than this, in KiB, MiB or GiB; the report names them",
       .power = kHarmless,
       .used_by = kBackup,
       .range = {1, ByteCount{1} << 50U},
       .store = store<&Settings::lfs_max_size>},
      {.name = "zip-always",
       .type = boolean,
       .group = kRepositories,
       .help = "with --zip: save a zip on every day with a run, even if the branch has not moved",
       .default_text = "false",
       .power = kHarmless,
       .used_by = kBackup,
       .store = store<&Settings::zip_always>},
      {.name = "no-git",
       .type = boolean,
       .group = kRepositories,
       .help = "with --zip: save only zips, no history",
       .default_text = "false",
       .power = kHarmless,
       .used_by = kBackup,
       .store = store<&Settings::no_git>},
      {.name = "repair",
       .type = path,
       .group = kRepositories,
       .value_name = "FILE",
       .help = "only fetch again what is damaged; FILE holds the output of `hubkeep verify --json`",
       .power = kFile,
       .used_by = kBackup,
       .store = store<&Settings::repair>},
  };
}

std::vector<SettingDefinition> vault_rows() {
  using enum SettingType;
  return {
      {.name = "to",
       .group = kVault,
       .value_name = "DIR|URL",
       .help = "where the vault is: a folder, or s3://BUCKET/PREFIX (default ./hubkeep-vault)",
       .power = kPlace,
       .used_by = kBackup | kReading | kDoctor,
       .without_flag = kReading,
       .store = store<&Settings::to>},
      {.name = "from",
       .group = kVault,
       .value_name = "DIR|URL",
       .help = "where the vault is (default: where `hubkeep backup` would write it)",
       .power = kHarmless,
       .used_by = kReading,
       .without_flag = kDiff,  // there it names a snapshot
       .store = store<&Settings::from>},
      {.name = "s3-bucket",
       .group = kVault,
       .value_name = "NAME",
       .help = "the bucket that holds the vault, if no folder or URL is given",
       .older_names = {"BACKUP_S3_BUCKET"},
       .power = kPlace,
       .used_by = kBackup | kReading | kDoctor,
       .store = store<&Settings::s3_bucket>},
      {.name = "s3-prefix",
       .group = kVault,
       .value_name = "PREFIX",
       .help = "how all keys of the vault in the bucket begin",
       .older_names = {"BACKUP_S3_PREFIX"},
       .power = kPlace,
       .used_by = kBackup | kReading | kDoctor,
       .store = store<&Settings::s3_prefix>},
      {.name = "vault-id",
       .group = kVault,
       .value_name = "ID",
       .help = "refuse every vault but the one with this id, which `hubkeep list` shows; for copy, of the "
               "vault to copy to",
       .power = kHarmless,
       .used_by = kVaults,
       .store = store<&Settings::vault_id>},
      {.name = "must-exist",
       .type = boolean,
       .group = kVault,
       .help = "do not create a vault if there is none: its disk might not be mounted",
       .default_text = "false",
       .power = kHarmless,
       .used_by = kBackup | kCopy,
       .store = store<&Settings::must_exist>},
      {.name = "at",
       .group = kState,
       .value_name = "TIME|SNAPSHOT",
       .help = "the state as of a time such as 2026-11-23T18:45:01Z, or of a snapshot that `hubkeep list` "
               "shows (default: the newest complete one)",
       .power = kHarmless,
       .used_by = kRestore | kBrowse | kShow,
       .store = store<&Settings::at>},
      {.name = "thaw",
       .group = kRestoring,
       .value_name = "HOW",
       .help =
           "request objects that are in an archive class of S3: expedited, standard or bulk, as AWS calls it",
       .power = kHarmless,
       .used_by = kRestore,
       .store = store<&Settings::thaw>},
      {.name = "thaw-days",
       .type = number,
       .group = kRestoring,
       .value_name = "DAYS",
       .help = "how long objects requested with --thaw stay available",
       .default_text = "7",
       .power = kHarmless,
       .used_by = kRestore,
       .range = {1, 365},
       .store = store<&Settings::thaw_days>},
      {.name = "temp-dir",
       .type = path,
       .group = kRestoring,
       .value_name = "DIR",
       .help =
           "folder for temporary files (default: beside what is restored; for verify and drill $TMPDIR, else "
           "/tmp; verify --deep of a folder needs none)",
       .power = kFile,
       .used_by = kRestore | kVerify | kDrill,
       .store = store<&Settings::temp_dir>},
      {.name = "read-data",
       .type = boolean,
       .group = kVerifying,
       .help = "read every object, also of LFS, releases and attachments, and compare its SHA-256, instead "
               "of only checking that it is there with its size",
       .default_text = "false",
       .power = kHarmless,
       .used_by = kVerify,
       .store = store<&Settings::read_data>},
      {.name = "read-data-subset",
       .group = kVerifying,
       .value_name = "PART",
       .help = "read only part of the data: 5% or 10G (a different random sample each time) or 1/7 (the "
               "first of seven fixed shares)",
       .power = kHarmless,
       .used_by = kVerify,
       .store = store<&Settings::read_data_subset>},
      {.name = "restore",
       .type = boolean,
       .group = kVerifying,
       .help =
           "restore each snapshot to --temp-dir, as `hubkeep restore` would, and follow all links between "
           "git objects",
       .default_text = "false",
       .power = kHarmless,
       .used_by = kVerify,
       .store = store<&Settings::verify_restore>},
      {.name = "count",
       .type = number,
       .group = kDrilling,
       .value_name = "N",
       .help = "how many repositories to choose: the largest, then by turns the one that was not drilled for "
               "longest and one by chance",
       .default_text = "3",
       .power = kHarmless,
       .used_by = kDrill,
       .range = {1, 1'000'000},
       .store = store<&Settings::drill_count>},
      {.name = "seed",
       .type = number,
       .group = kDrilling,
       .value_name = "N",
       .help = "repeat the choice by chance of an earlier drill, which shows its seed (default: another one "
               "each time)",
       .power = kHarmless,
       .used_by = kDrill,
       .range = {0, 4'294'967'295},  // so that every reader of JSON keeps all its digits
       .store = store_seed},
      {.name = "against-github",
       .type = boolean,
       .group = kDrilling,
       .help = "also compare refs and HEAD with GitHub as it is now, which needs a token for private "
               "repositories",
       .default_text = "false",
       .power = kHarmless,
       .used_by = kDrill,
       .store = store<&Settings::against_github>},
      {.name = "html",
       .type = path,
       .group = kOutput,
       .value_name = "FILE",
       .help = "also write the result as a page for people, in one file without scripts",
       .power = kFile,
       .used_by = kDrill,
       .store = store<&Settings::html>},
      {.name = "deep",
       .type = boolean,
       .group = kVerifying,
       .help = "read every bundle of histories and wikis, make and hash every git object in it again, and "
               "compare links, refs and "
               "indexes with that: trusts nothing, restores nothing",
       .default_text = "false",
       .power = kHarmless,
       .used_by = kVerify,
       .store = store<&Settings::verify_deep>},
  };
}

std::vector<SettingDefinition> s3_rows() {
  return {
      {.name = "endpoint-url",
       .group = kS3,
       .value_name = "URL",
       .help = "a server other than AWS, such as MinIO, Ceph, R2 or B2",
       .older_names = {"AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL"},
       .power = kServer,
       .used_by = kEvery,
       .store = store<&Settings::endpoint_url>},
      {.name = "region",
       .group = kS3,
       .value_name = "NAME",
       .help = "the region of the bucket (default: from AWS's configuration, else as the server says)",
       .older_names = {"AWS_REGION", "AWS_DEFAULT_REGION"},
       .power = kHarmless,  // AWS has a name once, whatever the region; its partitions: app/open_vault.cc
       .used_by = kEvery,
       .store = store<&Settings::region>},
      {.name = "storage-class",
       .group = kS3,
       .value_name = "CLASS",
       .help = "storage class of packs, such as STANDARD_IA; what every run reads stays in the bucket's "
               "default class",
       .power = kHarmless,
       .used_by = kBackup | kCopy | kDoctor,
       .store = store<&Settings::storage_class>},
      {.name = "sse",
       .group = kS3,
       .value_name = "HOW",
       .help = "server-side encryption: AES256, aws:kms or aws:kms:dsse (default: the bucket's)",
       .power = kHarmless,
       .used_by = kBackup | kCopy | kDoctor,
       .store = store<&Settings::sse>},
      {.name = "sse-kms-key-id",
       .group = kS3,
       .value_name = "KEY",
       .help = "the key for --sse aws:kms (default: AWS's own key for S3)",
       .power = kFate,
       .used_by = kBackup | kCopy | kDoctor,
       .store = store<&Settings::sse_kms_key_id>},
      {.name = "object-lock",
       .group = kS3,
       .value_name = "MODE",
       .help =
           "lock saved objects for --retain-days, so that nobody can delete them: governance or compliance. "
           "Locks on what the newest snapshots need are renewed. The bucket must have object lock enabled",
       .power = kFate,
       .used_by = kBackup | kDoctor,
       .store = store<&Settings::object_lock>},
      {.name = "retain-days",
       .type = SettingType::number,
       .group = kS3,
       .value_name = "DAYS",
       .help = "how long --object-lock locks objects, at least",
       .power = kFate,
       .used_by = kBackup | kDoctor,
       .range = {1, 36'500},  // AWS: a hundred years
       .store = store<&Settings::retain_days>},
  };
}

std::vector<SettingDefinition> github_rows() {
  using enum SettingType;
  return {
      {.name = "token",
       .type = secret,
       .group = kGitHub,
       .value_name = "FILE",
       .help = "a file that holds the token. Without a token, public repositories of --user and --org can "
               "still be backed up",
       .older_names = {"TOKEN_GITHUB", "GITHUB_TOKEN", "GH_TOKEN"},
       .power = kFile,
       .used_by = kBackup | kDrill,
       .store = store<&Settings::token>},
      {.name = "app-id",
       .group = kGitHub,
       .value_name = "ID",
       .help = "sign in as this GitHub App (its App ID or client ID) instead of with a token, and back up "
               "what it is installed on. GITHUB_TOKEN and GH_TOKEN are then ignored",
       .power = kHarmless,
       .used_by = kBackup | kDrill,
       .store = store<&Settings::app_id>},
      {.name = "app-key",
       .type = pem,
       .group = kGitHub,
       .value_name = "FILE",
       .help = "a file that holds the App's private key, as PEM, the way GitHub provides it",
       .power = kFile,
       .used_by = kBackup | kDrill,
       .store = store<&Settings::app_key>},
      {.name = "api-url",
       .group = kGitHub,
       .value_name = "URL",
       .help = "the REST API; for GitHub Enterprise Server https://HOST/api/v3",
       .default_text = "https://api.github.com",
       .older_names = {"GITHUB_API_URL"},
       .power = kPlace,
       .used_by = kBackup | kDrill,
       .store = store<&Settings::api_url>},
      {.name = "api-alias",
       .type = text_list,
       .group = kGitHub,
       .value_name = "HOST",
       .help = "another name of the host of --api-url (HOST or HOST:PORT), as GitHub's own links may use it: "
               "the token may go there as well; repeatable",
       .power = kPlace,
       .used_by = kBackup | kDrill,
       .store = store<&Settings::api_aliases>},
      {.name = "ca-file",
       .type = path,
       .group = kNetwork,
       .value_name = "FILE",
       .help =
           "certificate authorities, as PEM, to trust at GitHub instead of the system's. The store trusts "
           "them besides the system's, unless it has its own: see --s3-ca-file",
       .older_names = {"CURL_CA_BUNDLE", "SSL_CERT_FILE"},
       .power = kAuthority,
       .used_by = kEvery,
       .store = store<&Settings::ca_file>},
      {.name = "s3-ca-file",
       .type = path,
       .group = kNetwork,
       .value_name = "FILE",
       .help = "certificate authorities, as PEM, to trust at the S3 server instead of the system's (default: "
               "AWS_CA_BUNDLE, else ca_bundle of the AWS profile, both also for AWS's other services)",
       .power = kStoreAuthority,
       .used_by = kEvery,
       .store = store<&Settings::s3_ca_file>},
  };
}

std::vector<SettingDefinition> effort_rows() {
  using enum SettingType;
  return {
      {.name = "jobs",
       .type = number,
       .group = kEffort,
       .value_name = "N",
       .help = "repositories at once, 1 to 64",
       .default_text = "8",
       .power = kHarmless,
       .used_by = kBackup | kVerify | kCopy | kRestore,
       .range = {1, 64},
       .store = store<&Settings::jobs>},
      {.name = "memory",
       .type = byte_count,
       .group = kEffort,
       .value_name = "SIZE",
       .help = "memory for all buffers together, in KiB, MiB or GiB",
       .default_text = "176MiB",
       .power = kHarmless,
       .used_by = kBackup | kCopy | kVerify | kBrowse | kDiff,
       .range = {ByteCount{8} << 20U,  // one job, with a part of an upload
                 ByteCount{1} << 40U},
       .store = store<&Settings::memory>},
      {.name = "no-proof",
       .type = boolean,
       .group = kEffort,
       .help = "save without proving that nothing is missing: a fifth of the CPU time, less memory",
       .default_text = "false",
       .power = kHarmless,
       .used_by = kBackup,
       .store = store<&Settings::no_proof>},
      {.name = "retries",
       .type = number,
       .group = kEffort,
       .value_name = "N",
       .help = "retries after temporary failures of the network, GitHub or S3, with growing delays",
       .default_text = "8",
       .power = kHarmless,
       .used_by = kEvery,
       .range = {0, 100},
       .store = store<&Settings::retries>},
      {.name = "recheck-days",
       .type = number,
       .group = kEffort,
       .value_name = "DAYS",
       .help = "compare the refs at least this often, even if GitHub reports no push",
       .default_text = "7",
       .power = kHarmless,
       .used_by = kBackup,
       .range = {0, 3650},
       .store = store_recheck_days},
      {.name = "wiki-every",
       .type = duration,
       .group = kEffort,
       .value_name = "TIME",
       .help = "look into each wiki this often, as GitHub does not say when one changes, in s, m, h or d; "
               "0: in each run",
       .default_text = "1d",
       .power = kHarmless,
       .used_by = kBackup,
       .store = store<&Settings::wiki_every>},
      {.name = "stall-timeout",
       .type = duration,
       .group = kEffort,
       .value_name = "TIME",
       .help =
           "stop and retry a transfer that makes almost no progress for this long, in s, m, h or d; 0: never",
       .default_text = "10m",
       .power = kHarmless,
       .used_by = kEvery,
       .store = store<&Settings::stall_timeout>},
      {.name = "stale-after",
       .type = duration,
       .group = kEffort,
       .value_name = "TIME",
       .help = "age at which to remove what an interrupted run left behind, in s, m, h or d; removed at once "
               "if its writer is known to be dead",
       .default_text = "24h",
       .power = kHarmless,
       .used_by = kBackup | kCopy,
       .store = store<&Settings::stale_after>},
  };
}

std::vector<SettingDefinition> common_rows() {
  using enum SettingType;
  return {
      {.name = "json",
       .type = boolean,
       .group = kOutput,
       .help = "print the result as JSON on standard output",
       .default_text = "false",
       .power = kHarmless,
       .used_by = kEvery,
       .store = store<&Settings::json>},
      {.name = "log-format",
       .group = kOutput,
       .value_name = "FORMAT",
       .help = "format of the log on standard error: text, or json (one object per line)",
       .default_text = "text",
       .power = kHarmless,
       .used_by = kEvery,
       .store = store<&Settings::log_format>},
      {.name = "quiet",
       .type = boolean,
       .group = kOutput,
       .help = "print only errors and the result",
       .default_text = "false",
       .power = kHarmless,
       .used_by = kEvery,
       .store = store<&Settings::quiet>},
      {.name = "verbose",
       .type = boolean,
       .group = kOutput,
       .help = "print more about each step",
       .default_text = "false",
       .power = kHarmless,
       .used_by = kEvery,
       .store = store<&Settings::verbose>},
      {.name = "secret-id",
       .group = kSettings,
       .value_name = "NAME",
       .help = "name or ARN of a secret in AWS Secrets Manager that holds settings as a JSON object, whose "
               "keys are the names of the variables, as in {\"TOKEN_GITHUB\": \"…\"}",
       .power = kSecret,
       .used_by = kBackup | kReading,
       .store = store<&Settings::secret_id>},
      {.name = "config",
       .type = path,
       .group = kSettings,
       .value_name = "FILE",
       .help = "a TOML file of settings, whose keys are the names of the flags; replaces hubkeep.toml in the "
               "current folder and ~/.config/hubkeep/hubkeep.toml",
       .power = kFile,
       .used_by = kEvery,
       .store = store<&Settings::config>},
      {.name = "trust-folder",
       .type = boolean,
       .group = kSettings,
       .help = "let .env and hubkeep.toml in the current folder decide where tokens, keys and private "
               "repositories go, whom to trust with them, and which files to use; cannot be set in a file",
       .default_text = "false",
       .power = kConsent,
       .used_by = kEvery,
       .store = store<&Settings::trust_folder>},
  };
}

std::vector<SettingDefinition> all_rows() {
  std::vector<SettingDefinition> table;
  for (const auto& rows :
       {repository_rows(), vault_rows(), s3_rows(), github_rows(), effort_rows(), common_rows()})
    table.insert(table.end(), rows.begin(), rows.end());
  return table;
}

std::string upper_snake(std::string_view name) {
  std::string out(name);
  std::transform(out.begin(), out.end(), out.begin(), [](char c) {
    if (c == '-') return '_';
    return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  });
  return out;
}

}  // namespace

const std::vector<SettingDefinition>& settings_table() {
  static const std::vector<SettingDefinition> table = all_rows();
  return table;
}

const SettingDefinition& setting_named(std::string_view name) {
  const auto& table = settings_table();
  return *std::find_if(table.begin(), table.end(), [&](const auto& setting) { return setting.name == name; });
}

bool is_used_by(const SettingDefinition& setting, Command command) {
  return (setting.used_by & static_cast<CommandSet>(command)) != 0;
}

bool has_flag(const SettingDefinition& setting, Command command) {
  return (setting.used_by & ~setting.without_flag & static_cast<CommandSet>(command)) != 0;
}

std::string flag_name(const SettingDefinition& setting) {
  return std::string(setting.name) + (is_secret(setting.type) ? "-file" : "");
}

std::string toml_key(const SettingDefinition& setting) {
  return setting.name == "config" || setting.power.kind == PowerKind::consent ? "" : flag_name(setting);
}

std::vector<EnvironmentName> environment_names(const SettingDefinition& setting) {
  const std::string own = "HUBKEEP_" + upper_snake(setting.name);
  std::vector<EnvironmentName> names = {{own, false}};
  if (is_secret(setting.type)) names.push_back({own + "_FILE", true});
  for (const std::string_view older : setting.older_names) names.push_back({std::string(older), false});
  return names;
}

std::string variable_of_value(const SettingDefinition& setting) {
  return setting.older_names.empty() ? environment_names(setting).front().name
                                     : std::string(setting.older_names.front());
}

}  // namespace hubkeep
