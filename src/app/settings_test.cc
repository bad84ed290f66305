#include "app/load_settings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error_of.h"

namespace hubkeep {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

/// The files of a made-up machine; a name that ends in '/' is a folder.
using Files = std::map<std::string, std::string>;

struct Inputs {
  Command command = Command::backup;
  FlagValues flags;
  Environment environment;
  Files files;
  std::string secret;  // what AWS Secrets Manager has
};

Settings load(const Inputs& inputs) {
  const auto read_file = [&](const std::filesystem::path& path, NamedBy) -> FileText {
    if (inputs.files.contains(path.string() + "/")) return {FileText::State::folder, {}};
    const auto file = inputs.files.find(path.string());
    if (file == inputs.files.end()) return {};
    return {FileText::State::found, file->second};
  };
  const auto read_secret = [&](const AwsEnvironment&, const std::string& id) {
    return Secret(inputs.secret, id);
  };
  return load_settings(inputs.command, inputs.flags, inputs.environment,
                       {.read_file = read_file, .read_secret = read_secret});
}

std::string refusal(const Inputs& inputs) {
  try {
    load(inputs);
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::invalid);
    return error.message();
  }
  return "accepted";
}

TEST(Settings, HaveDefaults) {
  const Settings settings = load({});

  EXPECT_TRUE(settings.token.empty());
  EXPECT_FALSE(settings.selection.only_owner);
  EXPECT_EQ(settings.api_url, "https://api.github.com");
  EXPECT_EQ(settings.jobs, 8U);
  EXPECT_EQ(settings.memory, ByteCount{176} << 20U);
  EXPECT_EQ(settings.recheck_after, std::chrono::days(7));
  EXPECT_EQ(settings.wiki_every, std::chrono::days(1));
  EXPECT_EQ(settings.stall_timeout, std::chrono::minutes(10));
  EXPECT_EQ(settings.stale_after, std::chrono::hours(24));
  EXPECT_FALSE(settings.json || settings.quiet || settings.verbose);
  EXPECT_TRUE(settings.config.empty());
  EXPECT_EQ(origin_of(settings, "jobs"), "default");
  EXPECT_THAT(settings.warnings, IsEmpty());
}

TEST(Settings, FillTheSelection) {
  const Settings settings = load({.flags = {{"user", {"a", "b"}},
                                            {"org", {"c"}},
                                            {"repo", {"d/e"}},
                                            {"include", {"*/x"}},
                                            {"exclude", {"*/y"}},
                                            {"skip-forks", {"true"}},
                                            {"skip-archived", {"true"}}}});

  EXPECT_THAT(settings.selection.users, ElementsAre("a", "b"));
  EXPECT_THAT(settings.selection.organizations, ElementsAre("c"));
  EXPECT_THAT(settings.selection.names, ElementsAre("d/e"));
  EXPECT_THAT(settings.selection.include, ElementsAre("*/x"));
  EXPECT_THAT(settings.selection.exclude, ElementsAre("*/y"));
  EXPECT_TRUE(settings.selection.skip_forks);
  EXPECT_TRUE(settings.selection.skip_archived);
}

TEST(Settings, SayWhereEachCameFrom) {
  const Settings settings =
      load({.flags = {{"jobs", {"2"}}},
            .environment = {{"HUBKEEP_MEMORY", "20MiB"}},
            .files = {{".env", "BACKUP_ONLY_OWNER_REPOS=True\n"}, {"hubkeep.toml", "recheck-days = 3\n"}}});

  EXPECT_EQ(origin_of(settings, "jobs"), "--jobs");
  EXPECT_EQ(origin_of(settings, "memory"), "HUBKEEP_MEMORY");
  EXPECT_EQ(origin_of(settings, "only-owner"), "BACKUP_ONLY_OWNER_REPOS in .env");
  EXPECT_EQ(origin_of(settings, "recheck-days"), "recheck-days in hubkeep.toml");
  EXPECT_EQ(settings.recheck_after, std::chrono::days(3));
  EXPECT_EQ(settings.config, "hubkeep.toml");
}

TEST(Settings, TakeTheFirstNameOfTheTableWhenSeveralAreSet) {
  const Settings settings = load({.environment = {{"HUBKEEP_ONLY_OWNER", "no"},
                                                  {"BACKUP_ONLY_OWNER_REPOS", "yes"},
                                                  {"GH_TOKEN", "third"},
                                                  {"GITHUB_TOKEN", "second"},
                                                  {"TOKEN_GITHUB", "first"}}});

  EXPECT_FALSE(settings.selection.only_owner);
  EXPECT_EQ(settings.token.reveal(), "first");
}

TEST(Settings, TakeAnEmptyVariableAsUnsetForEveryType) {
  const Settings settings =
      load({.environment = {{"HUBKEEP_ONLY_OWNER", ""},
                            {"HUBKEEP_JOBS", ""},
                            {"HUBKEEP_USER", " , "},
                            {"HUBKEEP_API_URL", " "},
                            {"HUBKEEP_STALE_AFTER", ""},
                            {"HUBKEEP_MEMORY", ""},
                            {"HUBKEEP_CA_FILE", ""},
                            {"HUBKEEP_TOKEN", ""},
                            {"HUBKEEP_TOKEN_FILE", ""},
                            {"HUBKEEP_CONFIG", ""}},
            .files = {{".env",
                       "BACKUP_ONLY_OWNER_REPOS=True\nHUBKEEP_JOBS=\"\"\nHUBKEEP_MEMORY=\n"
                       "TOKEN_GITHUB=abc\n"}}});

  EXPECT_TRUE(settings.selection.only_owner);
  EXPECT_EQ(settings.jobs, 8U);
  EXPECT_THAT(settings.selection.users, IsEmpty());
  EXPECT_EQ(settings.api_url, "https://api.github.com");
  EXPECT_EQ(settings.memory, ByteCount{176} << 20U);
  EXPECT_EQ(settings.token.reveal(), "abc");
  EXPECT_EQ(settings.origins.size(), 2U);
}

TEST(Settings, RefuseAnEmptyFlag) {
  EXPECT_EQ(refusal({.flags = {{"to", {""}}}}), "--to is empty");
  EXPECT_EQ(refusal({.flags = {{"user", {"a", ","}}}}), "--user is empty");
  EXPECT_EQ(refusal({.flags = {{"token-file", {""}}}}), "--token-file is empty");
}

TEST(Settings, NameTheSourceOfABadValue) {
  EXPECT_THAT(refusal({.files = {{".env", "BACKUP_ONLY_OWNER_REPOS=maybe\n"}}}),
              HasSubstr("BACKUP_ONLY_OWNER_REPOS in .env: 'maybe' is not a boolean"));
  EXPECT_THAT(refusal({.environment = {{"HUBKEEP_ONLY_OWNER", "maybe"}}}),
              HasSubstr("HUBKEEP_ONLY_OWNER: 'maybe' is not a boolean"));
  EXPECT_EQ(refusal({.flags = {{"jobs", {"65"}}}}), "--jobs: '65' is not between 1 and 64");
  EXPECT_NE(refusal({.flags = {{"memory", {"4MiB"}}}}), "");
  EXPECT_EQ(refusal({.files = {{"hubkeep.toml", "jobs = 'x'\n"}}}),
            "jobs in hubkeep.toml: 'x' is not a whole number");
  EXPECT_EQ(refusal({.files = {{"hubkeep.toml", "jobs = [1, 2]\n"}}}),
            "jobs in hubkeep.toml: a list, where one value belongs");
  EXPECT_EQ(refusal({.environment = {{"HUBKEEP_REPO", "acme"}}}),
            "HUBKEEP_REPO: 'acme' is not OWNER/NAME, nor gist:ID");
}

TEST(Settings, ReadTheTokenFileWithoutTheWhiteSpaceAround) {
  const Settings settings =
      load({.flags = {{"token-file", {"/run/token"}}}, .files = {{"/run/token", " ghp_abc\r\n\n"}}});

  EXPECT_EQ(settings.token.reveal(), "ghp_abc");
  EXPECT_EQ(settings.token.origin(), "--token-file /run/token");
}

TEST(Settings, ReadASecretsFileThatAnEditorOfWindowsWrote) {
  const std::string mark = "\xef\xbb\xbf";
  const Files files = {{"/token", mark + "ghp_abc\r\n"}, {"/key", mark + "line\r\n"}};

  EXPECT_EQ(load({.flags = {{"token-file", {"/token"}}}, .files = files}).token.reveal(), "ghp_abc");
  EXPECT_THAT(refusal({.flags = {{"app-id", {"1"}}, {"app-key-file", {"/key"}}}, .files = files}),
              Not(HasSubstr("there is nothing in it")));
}

TEST(Settings, SayWhereTheTokenCameFrom) {
  const Files files = {{"/t", "ghp_abc"}};
  EXPECT_EQ(load({.environment = {{"TOKEN_GITHUB", "x"}}}).token.origin(), "TOKEN_GITHUB");
  EXPECT_EQ(load({.files = {{".env", "TOKEN_GITHUB=x"}}}).token.origin(), "TOKEN_GITHUB in .env");
  EXPECT_EQ(load({.environment = {{"HUBKEEP_TOKEN_FILE", "/t"}}, .files = files}).token.origin(),
            "/t (HUBKEEP_TOKEN_FILE)");
  EXPECT_EQ(load({.flags = {{"config", {"/c.toml"}}},
                  .files = {{"/c.toml", "token-file = '/t'"}, {"/t", "ghp_abc"}}})
                .token.origin(),
            "/t (token-file in /c.toml)");
}

TEST(Settings, DoNotShowATokenThatStandsWhereItsFileBelongs) {
  EXPECT_THAT(refusal({.flags = {{"token-file", {"ghp_secret"}}}}),
              testing::AllOf(testing::HasSubstr("--token-file: there is no such file"),
                             testing::Not(testing::HasSubstr("ghp_secret"))));
}

TEST(Settings, RefuseATokenFileThatHoldsNoToken) {
  const FlagValues flags = {{"token-file", {"/t"}}};
  EXPECT_EQ(refusal({.flags = flags}), "--token-file: there is no file /t");
  EXPECT_EQ(refusal({.flags = flags, .files = {{"/t/", ""}}}), "--token-file: /t is a folder, not a file");
  EXPECT_EQ(refusal({.flags = flags, .files = {{"/t", " \n"}}}), "--token-file: /t: there is nothing in it");
  const std::string broken = refusal({.flags = flags, .files = {{"/t", "ghp_one ghp_two"}}});
  EXPECT_THAT(broken, HasSubstr("--token-file: /t: the value holds white space"));
  EXPECT_THAT(broken, Not(HasSubstr("ghp_")));
}

TEST(Settings, NeverShowABrokenToken) {
  EXPECT_THAT(refusal({.environment = {{"TOKEN_GITHUB", "ghp_one ghp_two"}}}),
              testing::AllOf(HasSubstr("TOKEN_GITHUB: "), Not(HasSubstr("ghp_"))));
}

TEST(Settings, RefuseATokenInTheTomlFile) {
  const std::string message = refusal({.files = {{"hubkeep.toml", "token = 'ghp_abc'\n"}}});

  EXPECT_EQ(
      message,
      "token in hubkeep.toml: a secret does not belong in this file; put it into a file of its own and name "
      "that with token-file, or set TOKEN_GITHUB");
}

TEST(Settings, RefuseAnUnknownTomlKey) {
  EXPECT_EQ(refusal({.files = {{"hubkeep.toml", "only_owner = true\n"}}}),
            "hubkeep.toml: unknown setting 'only_owner'; did you mean 'only-owner'?");
  EXPECT_EQ(refusal({.files = {{"hubkeep.toml", "frobnicate = true\n"}}}),
            "hubkeep.toml: unknown setting 'frobnicate'");
  EXPECT_THAT(refusal({.files = {{"hubkeep.toml", "config = 'x'\n"}}}),
              HasSubstr("unknown setting 'config'"));
}

TEST(Settings, WarnAboutUnknownVariables) {
  const Settings settings = load({.environment = {{"HUBKEEP_ONLY_OWNERS", "true"}, {"OTHER", "1"}},
                                  .files = {{".env", "HUBKEEP_FROBNICATE=1\nDATABASE_URL=x\n"}}});

  EXPECT_THAT(settings.warnings,
              ElementsAre("HUBKEEP_ONLY_OWNERS sets nothing in hubkeep; did you mean 'HUBKEEP_ONLY_OWNER'?",
                          "HUBKEEP_FROBNICATE in .env sets nothing in hubkeep"));
}

TEST(Settings, WarnAboutMisspeltOlderNamesInEnvFile) {
  const Settings misspelt =
      load({.files = {{".env", "TOKEN_GITHB=x\nBACKUP_S3_BUKET=b\nBACKUP_S3_BUCKET=\n"}}});
  const Settings others = load(
      {.environment = {{"BACKUP_S3_BUKET", "b"}},
       .files = {
           {".env",
            "TOKEN_GITHUB=x\nTOKEN_GITLAB=y\nSSL_CERT_DIR=d\nGITHUB_TOKEN_2=z\nAWS_ENDPOINT_URL_STS=z\n"}}});

  EXPECT_THAT(misspelt.warnings,
              ElementsAre("BACKUP_S3_BUKET in .env sets nothing in hubkeep; did you mean 'BACKUP_S3_BUCKET'?",
                          "TOKEN_GITHB in .env sets nothing in hubkeep; did you mean 'TOKEN_GITHUB'?"));
  EXPECT_THAT(others.warnings, ElementsAre());
}

TEST(Settings, ReadTheTomlFileThatIsNamed) {
  const Settings settings = load({.environment = {{"HUBKEEP_CONFIG", "/other.toml"}},
                                  .files = {{"hubkeep.toml", "jobs = 1\n"}, {"/other.toml", "jobs = 2\n"}}});

  EXPECT_EQ(settings.jobs, 2U);
  EXPECT_EQ(settings.config, "/other.toml");
  EXPECT_EQ(origin_of(settings, "jobs"), "jobs in /other.toml");
}

TEST(Settings, RefuseATomlFileThatIsNamedAndNotThere) {
  EXPECT_EQ(refusal({.flags = {{"config", {"/none.toml"}}}}), "--config: there is no file /none.toml");
  EXPECT_EQ(refusal({.flags = {{"config", {"/d"}}}, .files = {{"/d/", ""}}}),
            "--config: /d is a folder, not a file");
}

TEST(Settings, NameTheFileThatCannotBeRead) {
  EXPECT_THAT(refusal({.files = {{"hubkeep.toml", "jobs = \n"}}}), HasSubstr("hubkeep.toml: line 1: "));
  EXPECT_EQ(refusal({.files = {{".env", "A=1\nghp_abc\n"}}}), ".env: line 2: it is not KEY=VALUE");
}

TEST(Settings, PassOverAFolderCalledEnv) {
  EXPECT_EQ(load({.files = {{".env/", ""}}}).jobs, 8U);
}

TEST(Settings, OfOtherCommandsAreNotLookedAt) {
  const Settings settings = load(
      {.command = Command::restore,
       .environment = {{"HUBKEEP_TOKEN_FILE", "/none"}, {"HUBKEEP_MEMORY", "x"}, {"HUBKEEP_TO", "/vault"}}});

  EXPECT_TRUE(settings.token.empty());
  EXPECT_EQ(vault_to_read(settings), "/vault");
}

TEST(Settings, LetTheEarlierSourceDecideBetweenQuietAndVerbose) {
  const Settings settings =
      load({.flags = {{"verbose", {"true"}}}, .environment = {{"HUBKEEP_QUIET", "true"}}});

  EXPECT_TRUE(settings.verbose);
  EXPECT_FALSE(settings.quiet);
  EXPECT_EQ(refusal({.flags = {{"verbose", {"true"}}, {"quiet", {"true"}}}}),
            "--quiet and --verbose exclude each other");
}

TEST(Settings, RefuseTwoProofsAtOnce) {
  EXPECT_TRUE(load({.command = Command::verify, .flags = {{"deep", {"true"}}}}).verify_deep);
  for (const std::string proof : {"deep", "restore"})
    EXPECT_EQ(
        refusal({.command = Command::verify, .flags = {{proof, {"true"}}, {"read-data-subset", {"1/7"}}}}),
        "--" + proof + " reads the whole history, and --read-data-subset a part of it: give one");
  const Settings whole = load({.command = Command::verify,
                               .flags = {{"deep", {"true"}}},
                               .environment = {{"HUBKEEP_READ_DATA_SUBSET", "1/7"}}});
  EXPECT_TRUE(whole.verify_deep);
  EXPECT_EQ(whole.read_data_subset, "");
  const Settings part = load({.command = Command::verify,
                              .flags = {{"read-data-subset", {"1/7"}}},
                              .environment = {{"HUBKEEP_DEEP", "true"}}});
  EXPECT_FALSE(part.verify_deep);
  EXPECT_EQ(part.read_data_subset, "1/7");
  EXPECT_EQ(refusal({.command = Command::verify, .flags = {{"deep", {"true"}}, {"restore", {"true"}}}}),
            "--restore and --deep exclude each other: both prove that snapshots are whole");
}

TEST(VaultLocation, IsTheFolderThenTheBucketThenTheDefault) {
  struct Case {
    std::string to;
    std::string bucket;
    std::string prefix;
    std::string location;
  };
  for (const Case& c :
       {Case{"", "", "", "./hubkeep-vault"}, Case{"/v", "", "", "/v"}, Case{"/v", "b", "p", "/v"},
        Case{"", "b", "", "s3://b"}, Case{"", "b", "p", "s3://b/p"}, Case{"", "b", "/p/q/", "s3://b/p/q"},
        Case{"", "", "p", "./hubkeep-vault"}, Case{"s3://x/y", "b", "p", "s3://x/y"}}) {
    Settings settings;
    settings.to = c.to;
    settings.s3_bucket = c.bucket;
    settings.s3_prefix = c.prefix;

    EXPECT_EQ(resolved_vault_location(settings), c.location);
  }
}

TEST(VaultLocation, ToReadIsFromOrWhatBackupWrites) {
  const Environment environment = {{"BACKUP_S3_BUCKET", "b"}};
  EXPECT_EQ(vault_to_read(load({.command = Command::reader, .environment = environment})), "s3://b");
  EXPECT_EQ(vault_to_read(
                load({.command = Command::reader, .flags = {{"from", {"/f"}}}, .environment = environment})),
            "/f");
  EXPECT_EQ(vault_to_read(load({.command = Command::reader})), "./hubkeep-vault");
}

TEST(VaultLocation, IsNotChosenInSilenceAgainstABucketOnTheCommandLine) {
  EXPECT_EQ(refusal({.flags = {{"s3-bucket", {"b"}}}, .files = {{"hubkeep.toml", "to = '/v'\n"}}}),
            "--s3-bucket and to in hubkeep.toml name two vaults; give one");
  EXPECT_EQ(refusal({.command = Command::reader, .flags = {{"s3-bucket", {"b"}}, {"from", {"/v"}}}}),
            "--s3-bucket and --from name two vaults; give one");
}

TEST(S3Settings, UnderstandAwsOwnVariables) {
  const auto settings =
      load({.environment = {{"AWS_ENDPOINT_URL", "http://a"}, {"AWS_DEFAULT_REGION", "r1"}}});
  const auto more = load({.environment = {{"AWS_ENDPOINT_URL", "http://a"},
                                          {"AWS_ENDPOINT_URL_S3", "http://b"},
                                          {"AWS_DEFAULT_REGION", "r1"},
                                          {"AWS_REGION", "r2"}}});

  EXPECT_EQ(settings.endpoint_url, "http://a");
  EXPECT_EQ(settings.region, "r1");
  EXPECT_EQ(more.endpoint_url, "http://b");
  EXPECT_EQ(more.region, "r2");
}

TEST(S3Settings, HandOnWhatBelongsToAwsAlsoFromTheEnvFile) {
  const auto settings = load({.environment = {{"AWS_PROFILE", "p"}, {"HOME", "/home/x"}, {"OTHER", "1"}},
                              .files = {{".env", "AWS_PROFILE=q\nAWS_ACCESS_KEY_ID=id\n"}}});

  EXPECT_EQ(settings.aws_environment.variables,
            (Environment{{"AWS_PROFILE", "p"}, {"AWS_ACCESS_KEY_ID", "id"}}));
  EXPECT_EQ(settings.aws_environment.home, "/home/x");
}

TEST(S3Settings, RefuseAnEncryptionThatThereIsNot) {
  EXPECT_EQ(refusal({.flags = {{"sse", {"kms"}}}}),
            "--sse: 'kms' is not one of AES256, aws:kms, aws:kms:dsse");
  EXPECT_EQ(refusal({.flags = {{"sse", {"AES256"}}, {"sse-kms-key-id", {"k"}}}}),
            "--sse-kms-key-id needs --sse aws:kms");
  EXPECT_EQ(load({.flags = {{"sse", {"aws:kms"}}, {"sse-kms-key-id", {"k"}}}}).sse_kms_key_id, "k");
}

TEST(S3Settings, LockObjectsInABucketOnly) {
  const auto lock = [](FlagValues flags) { return Inputs{.flags = std::move(flags)}; };
  const std::vector<std::string> bucket = {"s3://b/p"};

  EXPECT_EQ(refusal(lock({{"object-lock", {"governance"}}, {"to", bucket}})),
            "--object-lock needs --retain-days DAYS");
  EXPECT_EQ(refusal(lock({{"retain-days", {"30"}}, {"to", bucket}})),
            "--retain-days needs --object-lock governance or compliance");
  EXPECT_EQ(refusal(lock({{"object-lock", {"GOVERNED"}}, {"retain-days", {"30"}}, {"to", bucket}})),
            "--object-lock: 'GOVERNED' is neither governance nor compliance");
  EXPECT_EQ(refusal(lock({{"object-lock", {"governance"}}, {"retain-days", {"30"}}, {"to", {"/v"}}})),
            "--object-lock needs a vault in a bucket: --to s3://BUCKET/PREFIX");
  EXPECT_THAT(refusal(lock({{"object-lock", {"governance"}}, {"retain-days", {"0"}}, {"to", bucket}})),
              HasSubstr("--retain-days"));
}

TEST(S3Settings, LockObjectsAsAnySourceSays) {
  const auto by_variables = load(
      {.environment = {
           {"HUBKEEP_OBJECT_LOCK", "compliance"}, {"HUBKEEP_RETAIN_DAYS", "30"}, {"BACKUP_S3_BUCKET", "b"}}});
  const auto by_file = load(
      {.files = {{"hubkeep.toml", "to = 'S3://bucket/p'\nobject-lock = 'governance'\nretain-days = 365\n"}}});

  EXPECT_EQ(by_variables.object_lock, "compliance");
  EXPECT_EQ(by_variables.retain_days, 30U);
  EXPECT_EQ(by_file.object_lock, "governance");
  EXPECT_EQ(by_file.retain_days, 365U);
}

TEST(S3Settings, OfThawingAreARestores) {
  const auto settings =
      load({.command = Command::restore, .flags = {{"thaw", {"bulk"}}, {"thaw-days", {"3"}}}});

  EXPECT_EQ(settings.thaw, "bulk");
  EXPECT_EQ(settings.thaw_days, 3U);
  EXPECT_EQ(load({.command = Command::restore}).thaw_days, 7U);
  EXPECT_EQ(refusal({.command = Command::restore, .flags = {{"thaw", {"now"}}}}),
            "--thaw: 'now' is not one of expedited, standard, bulk");
}

Environment with_secret(Environment more = {}) {
  more.emplace("HUBKEEP_SECRET_ID", "prod/github-backup");
  return more;
}

TEST(SettingsInASecret, AreThoseOfTheOlderScript) {
  const Settings settings =
      load({.environment = with_secret(),
            .secret = R"({"TOKEN_GITHUB":"ghp_x","BACKUP_ONLY_OWNER_REPOS":"True","BACKUP_S3_BUCKET":"b",
                          "BACKUP_S3_PREFIX":"p"})"});

  EXPECT_EQ(settings.token.reveal(), "ghp_x");
  EXPECT_EQ(settings.token.origin(), "TOKEN_GITHUB in the secret prod/github-backup");
  EXPECT_TRUE(settings.selection.only_owner);
  EXPECT_EQ(resolved_vault_location(settings), "s3://b/p");
}

TEST(SettingsInASecret, LoseAgainstTheEnvironmentAndWinAgainstFiles) {
  const Settings settings =
      load({.environment = with_secret({{"BACKUP_S3_BUCKET", "ours"}}),
            .files = {{".env", "HUBKEEP_JOBS=2"}},
            .secret = R"({"TOKEN_GITHUB":"x","BACKUP_S3_BUCKET":"b","HUBKEEP_JOBS":"3"})"});

  EXPECT_EQ(settings.s3_bucket, "ours");
  EXPECT_EQ(settings.jobs, 3U);
}

TEST(SettingsInASecret, AreNotAskedForByCommandsThatDoNotNeedThem) {
  EXPECT_EQ(load({.command = Command::copy, .environment = with_secret(), .secret = "nonsense"}).secret_id,
            "");
}

TEST(SettingsInASecret, NameTheSecretThatCannotBeRead) {
  EXPECT_THAT(refusal({.environment = with_secret(), .secret = "nonsense"}),
              HasSubstr("HUBKEEP_SECRET_ID: the secret prod/github-backup: it is no JSON object"));
}

TEST(SettingsInASecret, HoldAToken) {
  const Error error =
      error_of([&] { load({.environment = with_secret(), .secret = R"({"BACKUP_S3_BUCKET":"b"})"}); });

  EXPECT_EQ(error.kind(), ErrorKind::unauthorized);
  EXPECT_EQ(error.message(),
            "the secret prod/github-backup has no token: add the key TOKEN_GITHUB to its JSON (it has "
            "BACKUP_S3_BUCKET)");
  EXPECT_EQ(load({.environment = with_secret({{"TOKEN_GITHUB", "x"}}), .secret = "{}"}).token.reveal(), "x");
  EXPECT_EQ(load({.command = Command::reader, .environment = with_secret(), .secret = "{}"}).secret_id,
            "prod/github-backup");
}

TEST(SettingsInASecret, AreNotMissedAsLongAsItIsNotRead) {
  const auto without_secret = [](Environment environment) {
    return load_settings(Command::backup, {}, with_secret(std::move(environment)),
                         {.read_file = [](const auto&, NamedBy) { return FileText(); }, .read_secret = {}});
  };

  EXPECT_EQ(without_secret({{"HUBKEEP_APP_ID", "12"}}).app_id, "12");  // its key is in the secret
  EXPECT_TRUE(without_secret({{"HUBKEEP_ZIP_ALWAYS", "true"}}).zip_always);
  EXPECT_EQ(without_secret({{"HUBKEEP_OBJECT_LOCK", "governance"}, {"HUBKEEP_RETAIN_DAYS", "9"}}).retain_days,
            9U);
  EXPECT_THROW(without_secret({{"HUBKEEP_JOBS", "many"}}), Error);
  EXPECT_THROW(without_secret({{"HUBKEEP_SSE", "none"}}), Error);
}

TEST(Settings, KnowTwoFormatsOfTheLog) {
  EXPECT_EQ(load({}).log_format, "text");
  EXPECT_EQ(load({.flags = {{"log-format", {"json"}}}}).log_format, "json");
  EXPECT_EQ(refusal({.flags = {{"log-format", {"xml"}}}}), "--log-format: 'xml' is neither text nor json");
}

}  // namespace
}  // namespace hubkeep
