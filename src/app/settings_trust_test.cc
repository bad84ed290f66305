// Who may say what: every setting, from every source, with the secrets from every place.
#include "app/settings_trust.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <nlohmann/json.hpp>

#include "app/load_settings.h"
#include "base/error.h"

namespace hubkeep {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;

struct Inputs {
  CommandUse use = Command::backup;
  FlagValues flags = {};
  Environment environment = {};
  std::map<std::string, std::string> files = {};
  nlohmann::json secret = nlohmann::json::object();  // what AWS Secrets Manager has
  int secrets_read = 0;
};

Settings load(Inputs& inputs) {
  return load_settings(inputs.use, inputs.flags, inputs.environment,
                       {.read_file = [&](const std::filesystem::path& path, NamedBy) -> FileText {
                          const auto file = inputs.files.find(path.string());
                          if (file == inputs.files.end()) return {};
                          return {FileText::State::found, file->second};
                        },
                        .read_secret =
                            [&](const AwsEnvironment&, const std::string& id) {
                              ++inputs.secrets_read;
                              return Secret(inputs.secret.dump(), id);
                            }});
}

std::string refusal(Inputs inputs) {
  try {
    load(inputs);
  } catch (const Error& error) {
    return error.message();
  }
  return "accepted";
}

bool is_refused(const Inputs& inputs) {
  const std::string message = refusal(inputs);
  if (message.find("a file found in the current folder must not ") == std::string::npos) return false;
  EXPECT_THAT(message, HasSubstr("--trust-folder"));
  EXPECT_THAT(message, testing::AnyOf(HasSubstr(" in .env: "), HasSubstr(" in hubkeep.toml: "),
                                      HasSubstr(" in the secret s: ")));
  return true;
}

// What each setting decides about, said a second time: one that is not here fails.
const std::map<std::string, std::string, std::less<>> kDecidesAbout = {
    {"user", ""},
    {"org", ""},
    {"repo", ""},
    {"only-owner", ""},
    {"include", ""},
    {"exclude", ""},
    {"max-gone", ""},
    {"accept-gone", ""},
    {"skip-forks", ""},
    {"skip-archived", ""},
    {"starred", ""},
    {"with", ""},
    {"without", ""},
    {"lfs-max-size", ""},
    {"zip", ""},
    {"zip-always", ""},
    {"no-git", ""},
    {"no-proof", ""},
    {"repair", "files"},
    {"to", "token"},
    {"from", ""},
    {"vault-id", ""},
    {"must-exist", ""},
    {"s3-bucket", "token"},
    {"s3-prefix", "token"},
    {"at", ""},
    {"thaw", ""},
    {"thaw-days", ""},
    {"temp-dir", "files"},
    {"read-data", ""},
    {"read-data-subset", ""},
    {"restore", ""},
    {"count", ""},
    {"seed", ""},
    {"against-github", ""},
    {"html", "files"},
    {"deep", ""},
    {"endpoint-url", "stored aws"},
    {"region", ""},
    {"storage-class", ""},
    {"sse", ""},
    {"sse-kms-key-id", "stored"},
    {"object-lock", "stored"},
    {"retain-days", "stored"},
    {"token", ""},
    {"token-file", "files"},
    {"app-id", ""},
    {"app-key", ""},
    {"app-key-file", "files"},
    {"api-url", "token"},
    {"api-alias", "token"},
    {"ca-file", "token stored aws"},
    {"s3-ca-file", "stored aws"},
    {"jobs", ""},
    {"memory", ""},
    {"retries", ""},
    {"recheck-days", ""},
    {"wiki-every", ""},
    {"stall-timeout", ""},
    {"stale-after", ""},
    {"json", ""},
    {"log-format", ""},
    {"quiet", ""},
    {"verbose", ""},
    {"secret-id", "secrets"},
    {"config", "files"},
    {"trust-folder", ""},  // see Trust.IsNotGivenByAFile
};

enum class Source { flag, environment, secret, named_config, users_config, env_file, folders_config };
constexpr Source kSources[] = {Source::flag,          Source::environment,  Source::secret,
                               Source::named_config,  Source::users_config, Source::env_file,
                               Source::folders_config};

enum class Origin { none, environment, file, secret, app_key, env_file, env_file_app_key };
constexpr Origin kTokenOrigins[] = {
    Origin::none,     Origin::environment,     Origin::file, Origin::secret, Origin::app_key,
    Origin::env_file, Origin::env_file_app_key};
constexpr Origin kKeyOrigins[] = {Origin::none, Origin::environment, Origin::env_file};

struct CommandCase {
  CommandUse use;
  FlagValues flags;
  bool bucket = false;         // it talks to one
  bool writes_bucket = false;  // it writes into one

  bool signs_in() const { return use.command == Command::backup || flags.contains("against-github"); }
};

std::vector<CommandCase> command_cases() {
  const std::string bucket = "s3://bucket/p";
  return {{{Command::backup}, {{"to", {"/v"}}}},
          {{Command::backup}, {{"to", {bucket}}}, true, true},
          {{Command::reader}, {{"from", {"/v"}}}},
          {{Command::restore}, {{"from", {bucket}}}, true},
          {{Command::verify}, {{"from", {bucket}}}, true},
          {{Command::drill}, {{"from", {bucket}}}, true},
          {{Command::drill}, {{"from", {bucket}}, {"against-github", {"true"}}}, true, true},
          {{Command::browse}, {{"from", {bucket}}}, true},
          {{Command::doctor}, {{"to", {bucket}}}, true},
          {{Command::copy, {"/v", "/w"}}, {}},
          {{Command::copy, {"/v", bucket}}, {}, true, true},
          {{Command::copy, {bucket, "/v"}}, {}, true}};
}

std::string value_of(const SettingDefinition& setting) {
  using enum SettingType;
  static const std::map<SettingType, std::string> values = {
      {text, "x"},           {text_list, "a/b"}, {boolean, "true"}, {number, "1"},  {duration, "1h"},
      {byte_count, "64MiB"}, {secret, "t"},      {pem, "t"},        {path, "/file"}};
  return values.at(setting.type);
}

/// One setting in one place.
struct Case {
  const SettingDefinition& setting;
  bool by_file = false;  // of a secret: its file is named
  Source source = Source::flag;
  CommandCase command;
  Origin token = Origin::none;
  Origin keys = Origin::none;

  std::string name() const { return std::string(setting.name) + (by_file ? "-file" : ""); }
  bool is_secret_itself() const { return is_secret(setting.type) && !by_file; }

  // Some cannot stand in some places, or would not be the one that counts there.
  bool makes_sense() const {
    if (!is_used_by(setting, command.use.command)) return false;
    if (setting.power.kind == PowerKind::consent) return false;
    if (source == Source::flag) return has_flag(setting, command.use.command) && !is_secret_itself();
    const bool in_toml =
        source == Source::named_config || source == Source::users_config || source == Source::folders_config;
    if (in_toml && (toml_key(setting).empty() || is_secret_itself())) return false;
    if (source == Source::secret &&
        (!command.signs_in() || setting.name == "secret-id" || setting.name == "config"))
      return false;
    if (setting.name == "from") return false;  // given by flag, so that reading needs no secret
    return !is_secret(setting.type) || token == Origin::none;
  }

  bool reads_secret() const {
    if (!command.signs_in()) return false;
    return source == Source::secret || token == Origin::secret || setting.name == "secret-id";
  }
  bool is_folders() const {
    if (source == Source::secret) return keys == Origin::env_file;
    return source == Source::env_file || source == Source::folders_config;
  }

  Inputs inputs() const {
    Inputs in{.use = command.use, .flags = command.flags};
    in.files = {{"/file", "t"}};
    if (setting.name == "to" || setting.name == "s3-bucket" || setting.name == "s3-prefix")
      in.flags.erase("to");
    // One that signs in says otherwise where its vault is: beside --from, a bucket has no effect.
    if (command.signs_in() && (setting.name == "s3-bucket" || setting.name == "s3-prefix"))
      in.flags.erase("from");
    if (setting.name == "s3-prefix" && command.signs_in()) in.flags["s3-bucket"] = {"bucket"};
    put_token(in);
    put_keys(in);
    put_setting(in);
    if (reads_secret() && setting.name != "secret-id") in.environment["HUBKEEP_SECRET_ID"] = "s";
    return in;
  }

  std::string text() const {
    return fmt::format("{} of source {} with the token from {} and keys from {} for {} {}", name(),
                       static_cast<int>(source), static_cast<int>(token), static_cast<int>(keys),
                       static_cast<int>(command.use.command), command.bucket);
  }

 private:
  void put_token(Inputs& in) const {
    switch (token) {
      case Origin::none:
        return;
      case Origin::environment:
        in.environment["TOKEN_GITHUB"] = "t";
        return;
      case Origin::file:
        if (has_flag(setting_named("token"), command.use.command)) in.flags["token-file"] = {"/file"};
        return;
      case Origin::secret:
        in.secret["TOKEN_GITHUB"] = "t";
        return;
      case Origin::app_key:
        in.environment["HUBKEEP_APP_KEY"] = "t";
        in.environment["HUBKEEP_APP_ID"] = "1";
        return;
      case Origin::env_file:
        in.files[".env"] += "TOKEN_GITHUB=t\n";
        return;
      case Origin::env_file_app_key:  // beside a token of other programs, which does not count then
        in.environment["GITHUB_TOKEN"] = "t";
        in.files[".env"] += "HUBKEEP_APP_KEY=t\nHUBKEEP_APP_ID=1\n";
        return;
    }
  }

  void put_keys(Inputs& in) const {
    for (const char* name : {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"}) {
      if (keys == Origin::environment) in.environment[name] = "k";
      if (keys == Origin::env_file) in.files[".env"] += fmt::format("{}=k\n", name);
    }
  }

  void put_setting(Inputs& in) const {
    const std::string variable = environment_names(setting)[by_file ? 1 : 0].name;
    const std::string value = by_file ? "/file" : value_of(setting);
    const std::string line = fmt::format("{} = '{}'\n", toml_key(setting), value);
    switch (source) {
      case Source::flag:
        in.flags[flag_name(setting)] = {value};
        return;
      case Source::environment:
        in.environment[variable] = value;
        return;
      case Source::secret:
        in.secret[variable] = value;
        return;
      case Source::named_config:
        in.flags["config"] = {"/mine.toml"};
        in.files["/mine.toml"] = line;
        return;
      case Source::users_config:
        in.environment["HOME"] = "/home/me";
        in.files["/home/me/.config/hubkeep/hubkeep.toml"] = line;
        return;
      case Source::env_file:
        in.files[".env"] += fmt::format("{}={}\n", variable, value);
        return;
      case Source::folders_config:
        in.files["hubkeep.toml"] = line;
        return;
    }
  }
};

enum class Owner { nobody, folder, user };

/// By name, whose is what the command has at stake in this case.
std::map<std::string, Owner> owners(const Case& c) {
  const Owner keys = c.keys == Origin::env_file ? Owner::folder : Owner::user;
  Owner token = Owner::nobody;
  if (c.command.signs_in()) {
    const bool of_folder = c.token == Origin::env_file || c.token == Origin::env_file_app_key ||
                           (c.token == Origin::secret && keys == Owner::folder);
    if (c.token != Origin::none) token = of_folder ? Owner::folder : Owner::user;
  }
  const Owner content = c.command.use.command == Command::copy ? Owner::user : token;
  return {{"token", token},
          {"stored", c.command.writes_bucket ? content : Owner::nobody},
          {"aws", c.command.bucket || c.reads_secret() ? keys : Owner::nobody},
          {"secrets", c.reads_secret() ? keys : Owner::nobody},
          {"files", Owner::user}};
}

bool must_be_refused(const Case& c) {
  if (!c.is_folders()) return false;
  const std::string decides = " " + kDecidesAbout.at(c.name()) + " ";
  for (const auto& [stake, owner] : owners(c))
    if (owner == Owner::user && decides.find(" " + stake + " ") != std::string::npos) return true;
  return false;
}

// The number of refusals.
int check_setting(const SettingDefinition& setting, bool by_file) {
  int refused = 0;
  for (const Source source : kSources) {
    for (const CommandCase& command : command_cases()) {
      for (const Origin token : kTokenOrigins) {
        for (const Origin keys : kKeyOrigins) {
          const Case c{setting, by_file, source, command, token, keys};
          if (!c.makes_sense()) continue;
          Inputs inputs = c.inputs();

          EXPECT_EQ(is_refused(inputs), must_be_refused(c)) << c.text() << ": " << refusal(inputs);
          inputs.flags["trust-folder"] = {"true"};
          EXPECT_FALSE(is_refused(inputs)) << c.text();
          refused += must_be_refused(c) ? 1 : 0;
        }
      }
    }
  }
  return refused;
}

TEST(Trust, OfEachSettingAndSourceIsHeldAgainstWhereEachSecretComesFrom) {
  for (const SettingDefinition& setting : settings_table()) {
    for (const bool by_file : {false, true}) {
      if (by_file && !is_secret(setting.type)) continue;
      const std::string name = std::string(setting.name) + (by_file ? "-file" : "");
      ASSERT_TRUE(kDecidesAbout.contains(name)) << name << " is new: say what it decides about";
      EXPECT_EQ(check_setting(setting, by_file) > 0, !kDecidesAbout.at(name).empty()) << name;
    }
  }
}

TEST(Trust, IsNotGivenByAFile) {
  EXPECT_EQ(
      refusal({.files = {{".env", "HUBKEEP_TRUST_FOLDER=true\n"}}}),
      "HUBKEEP_TRUST_FOLDER in .env asks for trust: only --trust-folder and the environment can give it");
  EXPECT_EQ(
      refusal({.environment = {{"HUBKEEP_SECRET_ID", "s"}}, .secret = {{"HUBKEEP_TRUST_FOLDER", "1"}}}),
      "HUBKEEP_TRUST_FOLDER in the secret s asks for trust: only --trust-folder and the environment can "
      "give it");
  EXPECT_THAT(refusal({.files = {{"hubkeep.toml", "trust-folder = true\n"}}}),
              HasSubstr("unknown setting 'trust-folder'"));
  EXPECT_THAT(refusal({.flags = {{"config", {"/c"}}}, .files = {{"/c", "trust-folder = true\n"}}}),
              HasSubstr("unknown setting 'trust-folder'"));
  Inputs by_variable{.environment = {{"HUBKEEP_TRUST_FOLDER", "yes"}, {"TOKEN_GITHUB", "t"}},
                     .files = {{".env", "HUBKEEP_TO=/v\n"}}};
  EXPECT_EQ(load(by_variable).to, "/v");
}

TEST(Trust, SaysWhatIsMeantAndWhatToDo) {
  const Environment token = {{"TOKEN_GITHUB", "t"}};
  EXPECT_EQ(
      refusal({.environment = token, .files = {{".env", "HUBKEEP_TO=s3://theirs\n"}}}),
      "HUBKEEP_TO in .env: a file found in the current folder must not say where GitHub's token "
      "(TOKEN_GITHUB) or what it can read may go: give --to, or set HUBKEEP_TO in the environment, or give "
      "--trust-folder if nobody else can write in this folder");
  EXPECT_THAT(
      refusal({.environment = token, .files = {{"hubkeep.toml", "ca-file = '/theirs'\n"}}}),
      StartsWith("ca-file in hubkeep.toml: a file found in the current folder must not say whom to trust "
                 "with GitHub's token (TOKEN_GITHUB) or what it can read: give --ca-file, "));
  EXPECT_THAT(
      refusal({.files = {{".env", "HUBKEEP_TOKEN_FILE=/home/me/.ssh/id_rsa\n"}}}),
      StartsWith("HUBKEEP_TOKEN_FILE in .env: a file found in the current folder must not name a file: "
                 "give --token-file, or set HUBKEEP_TOKEN_FILE in the environment, "));
  EXPECT_THAT(refusal({.use = Command::reader,
                       .flags = {{"from", {"s3://mine"}}},
                       .files = {{".env", "AWS_ENDPOINT_URL_S3=http://theirs\n"}}}),
              StartsWith("AWS_ENDPOINT_URL_S3 in .env: a file found in the current folder must not say where "
                         "AWS's keys (AWS's configuration of this machine) may go: give --endpoint-url, "));
}

TEST(Trust, LeavesTheOlderScriptsFileAlone) {
  Inputs inputs{.environment = {{"HOME", "/home/me"}},  // AWS's keys are in its .aws
                .files = {{".env",
                           "TOKEN_GITHUB=t\nBACKUP_ONLY_OWNER_REPOS=True\nBACKUP_S3_BUCKET=b\n"
                           "BACKUP_S3_PREFIX=p\nAWS_REGION=eu-central-1\nAWS_PROFILE=backup\n"}}};

  const Settings settings = load(inputs);

  EXPECT_EQ(settings.token.reveal(), "t");
  EXPECT_EQ(resolved_vault_location(settings), "s3://b/p");
  EXPECT_EQ(settings.aws_environment.get("AWS_PROFILE"), "backup");
  EXPECT_EQ(settings.guarded_aws_environment, std::nullopt);
  EXPECT_THAT(settings.warnings, IsEmpty());
}

TEST(Trust, OfABucketThatLosesAgainstTheUsersFolderIsNotAsked) {
  Inputs inputs{.flags = {{"to", {"/v"}}},
                .environment = {{"TOKEN_GITHUB", "t"}},
                .files = {{".env", "BACKUP_S3_BUCKET=b\nBACKUP_S3_PREFIX=p\n"}}};

  EXPECT_EQ(resolved_vault_location(load(inputs)), "/v");
}

TEST(TrustOfAwsVariables, IsGivenToKeysRegionAndProfileAlone) {
  Inputs inputs{.files = {{".env",
                           "AWS_ACCESS_KEY_ID=k\nAWS_SECRET_ACCESS_KEY=s\nAWS_SESSION_TOKEN=t\nAWS_REGION=r\n"
                           "AWS_DEFAULT_REGION=r\nAWS_PROFILE=p\nAWS_DEFAULT_PROFILE=p\n"
                           "AWS_CONFIG_FILE=c\nAWS_SHARED_CREDENTIALS_FILE=c\nAWS_WEB_IDENTITY_TOKEN_FILE=f\n"
                           "AWS_ROLE_ARN=a\nAWS_CONTAINER_CREDENTIALS_FULL_URI=u\n"
                           "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI=u\nAWS_CONTAINER_AUTHORIZATION_TOKEN=t\n"
                           "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE=f\nAWS_CA_BUNDLE=b\n"
                           "AWS_EC2_METADATA_SERVICE_ENDPOINT=u\nAWS_IGNORE_CONFIGURED_ENDPOINT_URLS=true\n"
                           "AWS_NEW_NAME=n\n"}}};

  const Settings settings = load(inputs);
  inputs.environment["HUBKEEP_TRUST_FOLDER"] = "true";
  const Settings trusted = load(inputs);

  std::vector<std::string> names;
  for (const auto& [name, value] : settings.aws_environment.variables) names.push_back(name);
  EXPECT_THAT(names, ElementsAre("AWS_ACCESS_KEY_ID", "AWS_DEFAULT_PROFILE", "AWS_DEFAULT_REGION",
                                 "AWS_PROFILE", "AWS_REGION", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"));
  EXPECT_EQ(settings.warnings.size(), 12U);
  EXPECT_THAT(settings.warnings, testing::Contains(StartsWith("AWS_CONFIG_FILE in .env is not obeyed: ")));
  EXPECT_EQ(trusted.aws_environment.variables.size(), 19U);
  EXPECT_THAT(trusted.warnings, IsEmpty());
}

TEST(TrustOfAwsVariables, TakesKeysFromOnePlace) {
  Inputs inputs{.environment = {{"AWS_ACCESS_KEY_ID", "mine"}},
                .files = {{".env", "AWS_SECRET_ACCESS_KEY=theirs\nAWS_SESSION_TOKEN=theirs\n"}}};

  EXPECT_EQ(load(inputs).aws_environment.variables, (Environment{{"AWS_ACCESS_KEY_ID", "mine"}}));
}

TEST(TrustOfAwsVariables, RefusesAnEndpointOfAnyServiceThatWouldGetTheUsersKeys) {
  const std::string keys = "AWS_ACCESS_KEY_ID=k\nAWS_SECRET_ACCESS_KEY=s\n";
  for (const std::string name :
       {"AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL_STS", "AWS_ENDPOINT_URL_SSO",
        "AWS_ENDPOINT_URL_SSO_OIDC", "AWS_ENDPOINT_URL_SECRETS_MANAGER"}) {
    SCOPED_TRACE(name);
    Inputs inputs{.use = Command::reader,
                  .flags = {{"from", {"s3://b"}}},
                  .files = {{".env", name + "=http://theirs\n"}}};
    EXPECT_TRUE(is_refused(inputs));
    inputs.environment[name] = "http://mine";
    EXPECT_EQ(load(inputs).aws_environment.get(name), "http://mine");
    inputs.environment.clear();
    inputs.files[".env"] += keys;
    EXPECT_EQ(load(inputs).aws_environment.get(name), "http://theirs");
    inputs.files[".env"] = name + "=http://theirs\n";
    inputs.flags["from"] = {"/v"};
    EXPECT_EQ(refusal(inputs), "accepted");
  }
}

TEST(TrustOfAwsVariables, LetsNoFolderMoveTheUsersBucket) {
  Inputs inputs{.flags = {{"to", {"s3://b"}}},
                .environment = {{"TOKEN_GITHUB", "t"}, {"AWS_REGION", "eu-west-1"}},
                .files = {{".env", "AWS_PROFILE=other\nAWS_DEFAULT_REGION=cn-north-1\n"}}};

  const Settings settings = load(inputs);

  EXPECT_EQ(settings.aws_environment.get("AWS_PROFILE"), "other");
  ASSERT_TRUE(settings.guarded_aws_environment);
  EXPECT_EQ(settings.guarded_aws_environment->variables, (Environment{{"AWS_REGION", "eu-west-1"}}));
}

TEST(TrustOfASecret, IsNoMoreThanThatOfTheKeysThatReadIt) {
  Inputs inputs{.flags = {{"to", {"/v"}}},
                .environment = {{"HUBKEEP_SECRET_ID", "s"}, {"TOKEN_GITHUB", "t"}},
                .secret = {{"HUBKEEP_API_URL", "https://ghe"}}};
  EXPECT_EQ(load(inputs).api_url, "https://ghe");

  inputs.files[".env"] = "AWS_ACCESS_KEY_ID=k\nAWS_SECRET_ACCESS_KEY=s\n";

  EXPECT_THAT(refusal(inputs), StartsWith("HUBKEEP_API_URL in the secret s: "));
}

TEST(ReadingCommands, AskForNoSecretWhereTheVaultIsNamed) {
  for (const Command command : {Command::reader, Command::restore, Command::verify, Command::drill,
                                Command::copy, Command::browse, Command::diff, Command::show}) {
    for (const char* vault : {"/v", "s3://b/p"}) {
      Inputs inputs{.use = command,
                    .environment = {{"HUBKEEP_SECRET_ID", "s"}, {"HUBKEEP_FROM", vault}},
                    .secret = {{"TOKEN_GITHUB", "t"}, {"BACKUP_S3_BUCKET", "b"}}};

      EXPECT_TRUE(load(inputs).token.empty());
      EXPECT_EQ(inputs.secrets_read, 0) << static_cast<int>(command);
    }
  }
}

TEST(ReadingCommands, TakeNoMoreOfASecretThanWhereTheVaultIs) {
  Inputs inputs{.use = Command::reader,
                .environment = {{"HUBKEEP_SECRET_ID", "s"}},
                .secret = {{"TOKEN_GITHUB", "t t"}, {"HUBKEEP_APP_KEY", "k"}, {"BACKUP_S3_BUCKET", "b"}}};

  const Settings settings = load(inputs);

  EXPECT_EQ(inputs.secrets_read, 1);
  EXPECT_EQ(vault_to_read(settings), "s3://b");
  EXPECT_TRUE(settings.token.empty() && settings.app_key.empty());
}

TEST(ReadingCommands, DoNotAskForASecretThatTheFolderNames) {
  Inputs inputs{.use = Command::reader, .files = {{".env", "HUBKEEP_SECRET_ID=s\n"}}};

  EXPECT_THAT(refusal(inputs),
              StartsWith("HUBKEEP_SECRET_ID in .env: a file found in the current folder must not "
                         "name a secret to be read with AWS's keys"));
  EXPECT_EQ(inputs.secrets_read, 0);
}

TEST(AVaultAsCurrentFolder, IsDataAndNoConfiguration) {
  Inputs inputs{.files = {{"hubkeep.json", R"({"format":1,"vault":"0123"})"},
                          {".env", "HUBKEEP_EXCLUDE=*\n"},
                          {"hubkeep.toml", "jobs = 1\n"}}};

  const Settings settings = load(inputs);

  EXPECT_THAT(settings.selection.exclude, IsEmpty());
  EXPECT_EQ(settings.jobs, 8U);
  EXPECT_THAT(
      settings.warnings,
      ElementsAre(".env is not obeyed, since the current folder is a vault; go elsewhere, or give "
                  "--trust-folder",
                  "hubkeep.toml is not obeyed, since the current folder is a vault; go elsewhere, or give "
                  "--trust-folder"));
  inputs.flags["trust-folder"] = {"true"};
  EXPECT_EQ(load(inputs).jobs, 1U);
}

TEST(TheUsersOwnFile, WinsAgainstTheFoldersAndLosesAgainstTheEnvironment) {
  Inputs inputs{.environment = {{"XDG_CONFIG_HOME", "/xdg"}, {"HOME", "/home/me"}, {"HUBKEEP_JOBS", "3"}},
                .files = {{"/xdg/hubkeep/hubkeep.toml", "jobs = 4\nretries = 4\nto = '/mine'\n"},
                          {".env", "HUBKEEP_RETRIES=5\nHUBKEEP_TO=/theirs\n"},
                          {"hubkeep.toml", "retries = 6\nrecheck-days = 6\n"}}};

  const Settings settings = load(inputs);

  EXPECT_EQ(settings.jobs, 3U);
  EXPECT_EQ(settings.retries, 4U);
  EXPECT_EQ(settings.to, "/mine");
  EXPECT_EQ(settings.recheck_after, std::chrono::days(6));
  EXPECT_EQ(origin_of(settings, "retries"), "retries in /xdg/hubkeep/hubkeep.toml");
}

TEST(TheUsersOwnFile, IsBelowHomeAndNotReadWhereAnotherIsNamed) {
  Inputs inputs{.environment = {{"XDG_CONFIG_HOME", "relative"}, {"HOME", "/home/me"}},
                .files = {{"/home/me/.config/hubkeep/hubkeep.toml", "jobs = 4\n"}, {"/named.toml", ""}}};
  EXPECT_EQ(load(inputs).jobs, 4U);

  inputs.flags["config"] = {"/named.toml"};

  EXPECT_EQ(load(inputs).jobs, 8U);
}

TEST(TheUsersOwnFile, ThatCannotBeReadIsToldAndNoError) {
  const auto read_file = [](const std::filesystem::path& path, NamedBy) -> FileText {
    if (path == "/root/.config/hubkeep/hubkeep.toml")
      throw Error(ErrorKind::forbidden, "cannot read it: Permission denied");
    return {};
  };

  const Settings settings =
      load_settings(Command::backup, {}, {{"HOME", "/root"}}, {.read_file = read_file, .read_secret = {}});

  EXPECT_THAT(settings.warnings, ElementsAre("cannot read it: Permission denied; going on without it"));
}

}  // namespace
}  // namespace hubkeep
