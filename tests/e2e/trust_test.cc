// A folder of strangers as the current one: what its `.env` and hubkeep.toml cannot do, and what those of the
// user's own folder still can.

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <fstream>

#include "base/text.h"
#include "e2e/bucket_vault.h"
#include "s3/fake_s3.h"
#include "s3/meddler.h"
#include "sim/server_program.h"

namespace hubkeep {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

constexpr const char* kRefused = "a file found in the current folder must not";

class Folder : public BucketVault {
 protected:
  Folder() { fs::create_directories(home() / ".aws"); }

  fs::path home() const { return scratch_ / "home"; }
  void write(const fs::path& file, const std::string& content) {
    fs::create_directories(file.parent_path());
    std::ofstream(file) << content;
  }
  /// The current folder's.
  void write_env_file(const std::string& content) { write(scratch_ / ".env", content); }
  void write_aws_config(const std::string& content) { write(home() / ".aws" / "config", content); }

  /// A program that says "ran" in marker(), and what environment it has.
  std::string program() {
    const fs::path script = scratch_ / "program.sh";
    write(script, fmt::format("env >'{}'\n"
                              "echo '{{\"Version\":1,\"AccessKeyId\":\"id\",\"SecretAccessKey\":\"key\"}}'\n",
                              marker().string()));
    return "/bin/sh " + script.string();
  }
  fs::path marker() const { return scratch_ / "ran"; }
  std::string marked() const {
    std::ifstream file(marker());
    return {std::istreambuf_iterator<char>(file), {}};
  }

  /// Nothing of AWS's but what is in home().
  sim::Environment user(sim::Environment more = {}) const {
    more.insert({{"HOME", home().string()},
                 {"AWS_EC2_METADATA_DISABLED", "true"},
                 {"AWS_CONFIG_FILE", ""},
                 {"AWS_PROFILE", ""},
                 {"AWS_REGION", ""},
                 {"AWS_DEFAULT_REGION", ""}});
    return more;
  }
  sim::Environment with_token(sim::Environment more = {}) const {
    more.emplace("TOKEN_GITHUB", token_);
    more.emplace("HUBKEEP_WITHOUT", "all");
    return user(std::move(more));
  }
  /// What each command is called with, but for where the vault is.
  std::vector<std::vector<std::string>> commands() const {
    return {{"backup", "--api-url", github_.api_url()},
            {"list"},
            {"restore", "octo/site", "out"},
            {"verify"},
            {"rebuild-catalog"}};
  }

  FakeS3 fake_;
  Meddler server_{[this](const sim::HttpRequest& request) { return fake_.handle(request); }};
  sim::World their_world_{scratch_ / "theirs"};
  sim::Simulator theirs_{their_world_};
};

TEST_F(Folder, RunsNoProgramByASecretThatItNames) {
  write(scratch_ / "aws", "[default]\ncredential_process = " + program() + "\n");
  write_env_file("HUBKEEP_SECRET_ID=s\nAWS_REGION=eu-west-1\nAWS_CONFIG_FILE=" + (scratch_ / "aws").string());

  for (const auto& command : commands()) {
    const auto result = hubkeep(command, with_token());

    EXPECT_EQ(result.exit_code, 2) << command[0];
    EXPECT_THAT(result.err, AllOf(HasSubstr("HUBKEEP_SECRET_ID in .env: "), HasSubstr(kRefused)));
  }
  EXPECT_FALSE(fs::exists(marker()));
}

TEST_F(Folder, RunsNoProgramByABucketThatItNames) {
  write(scratch_ / "aws", "[default]\ncredential_process = " + program() + "\n");
  write_env_file("BACKUP_S3_BUCKET=theirs\nAWS_CONFIG_FILE=" + (scratch_ / "aws").string());

  for (const auto& command : commands()) {
    const auto result = hubkeep(command, user());

    EXPECT_EQ(result.exit_code, 1) << command[0] << result.err;
    EXPECT_THAT(result.err, HasSubstr("AWS_CONFIG_FILE in .env is not obeyed"));
  }
  EXPECT_FALSE(fs::exists(marker()));
}

TEST_F(Folder, GetsNoTokenForAnApiThatItNames) {
  for (const char* file : {".env", "hubkeep.toml"}) {
    SCOPED_TRACE(file);
    fs::remove(scratch_ / ".env");
    write(scratch_ / file, file == std::string(".env")
                               ? "GITHUB_API_URL=" + theirs_.api_url() + "\n"
                               : fmt::format("api-url = \"{}\"\n", theirs_.api_url()));

    const auto result = hubkeep({"backup", "--to", vault().string()}, with_token());

    EXPECT_EQ(result.exit_code, 2);
    EXPECT_THAT(result.err, AllOf(HasSubstr(kRefused), HasSubstr("TOKEN_GITHUB"), HasSubstr("--api-url"),
                                  HasSubstr("--trust-folder")));
  }
  EXPECT_TRUE(theirs_.log().empty());
  fs::remove(scratch_ / ".env");
  hubkeep({"backup", "--to", vault().string(), "--trust-folder"}, with_token());
  EXPECT_FALSE(theirs_.log().empty()) << "trusted, it says where the API is";
}

TEST_F(Folder, SendsNoFileThatItNames) {
  write(scratch_ / "private", token_ + "\n");
  write_env_file(fmt::format("HUBKEEP_TOKEN_FILE={}\nGITHUB_API_URL={}\n", (scratch_ / "private").string(),
                             theirs_.api_url()));
  const auto token_file = hubkeep({"backup", "--to", vault().string()}, user());
  write_env_file(
      fmt::format("AWS_WEB_IDENTITY_TOKEN_FILE={}\nAWS_ROLE_ARN=arn:aws:iam::1:role/r\n"
                  "AWS_ENDPOINT_URL_STS={}\n",
                  (scratch_ / "private").string(), server_.endpoint()));
  const auto identity_file = hubkeep({"list", "--from", "s3://bucket/vault"}, user());

  EXPECT_EQ(token_file.exit_code, 2);
  EXPECT_THAT(token_file.err, AllOf(HasSubstr("HUBKEEP_TOKEN_FILE in .env: "), HasSubstr(kRefused)));
  EXPECT_EQ(identity_file.exit_code, 2);
  EXPECT_THAT(identity_file.err, AllOf(HasSubstr("AWS_ENDPOINT_URL_STS in .env: "), HasSubstr(kRefused)));
  EXPECT_TRUE(theirs_.log().empty());
  EXPECT_TRUE(server_.requests().empty());
}

TEST_F(Folder, GetsNoRepositoriesOfATokenThatIsNotItsOwn) {
  add_filled("site");
  write_env_file(
      fmt::format("HUBKEEP_TO=s3://{}/vault\nAWS_ENDPOINT_URL_S3={}\nAWS_ACCESS_KEY_ID=theirs\n"
                  "AWS_SECRET_ACCESS_KEY=theirs\n",
                  bucket_, server_.endpoint()));

  const auto place = hubkeep({"backup", "--api-url", github_.api_url()}, with_token());
  const auto server = hubkeep({"backup", "--api-url", github_.api_url(), "--to", location()}, with_token());
  ASSERT_EQ(backup({}, with_token()).exit_code, 0);
  const auto copy = hubkeep({"copy", vault().string(), location()}, user());

  for (const auto* result : {&place, &server, &copy}) {
    EXPECT_EQ(result->exit_code, 2);
    EXPECT_THAT(result->err, HasSubstr(kRefused));
  }
  EXPECT_THAT(place.err, HasSubstr("HUBKEEP_TO in .env: "));
  EXPECT_THAT(server.err, HasSubstr("AWS_ENDPOINT_URL_S3 in .env: "));
  EXPECT_THAT(copy.err, HasSubstr("AWS_ENDPOINT_URL_S3 in .env: "));
  EXPECT_TRUE(server_.requests().empty());
}

// The same name is another's bucket at another server: ~/.aws may know several.
TEST_F(Folder, MovesNoBucketByTheChoiceOfAProfileOrRegion) {
  write_aws_config(
      fmt::format("[default]\nregion = eu-west-1\naws_access_key_id = id\n"
                  "aws_secret_access_key = key\n[profile other]\naws_access_key_id = id\n"
                  "aws_secret_access_key = key\nendpoint_url = {}\n",
                  server_.endpoint()));
  for (const std::string line : {"AWS_PROFILE=other", "AWS_REGION=cn-north-1", "AWS_DEFAULT_PROFILE=other"}) {
    SCOPED_TRACE(line);
    write_env_file(line + "\n");

    const auto result = hubkeep({"backup", "--api-url", github_.api_url(), "--to", location()}, with_token());

    EXPECT_EQ(result.exit_code, 1);
    EXPECT_THAT(result.err, HasSubstr("in place of amazonaws.com: set it in the environment"));
  }
  EXPECT_TRUE(server_.requests().empty());
  write_env_file("AWS_REGION=eu-west-1.theirs.example/\n");
  EXPECT_THAT(hubkeep({"list", "--from", location()}, user()).err, HasSubstr("is no AWS region"));
}

TEST_F(Folder, ThatIsTheUsersOwnAndHasTokenAndBucketWorksAsItDid) {
  const auto id = add_filled("site");
  write_aws_config(
      fmt::format("[profile backup]\naws_access_key_id = id\naws_secret_access_key = key\n"
                  "endpoint_url = {}\n",
                  server_.endpoint()));
  write_env_file(
      fmt::format("TOKEN_GITHUB={}\nBACKUP_ONLY_OWNER_REPOS=True\nBACKUP_S3_BUCKET={}\n"
                  "BACKUP_S3_PREFIX=vault\nAWS_PROFILE=backup\nAWS_REGION=eu-central-1\n",
                  token_, bucket_));

  const auto saved = hubkeep({"backup", "--api-url", github_.api_url()}, user());
  const auto listed = hubkeep({"list"}, user());
  const auto restored = hubkeep({"restore", "octo/site", "out", "--bare"}, user());

  EXPECT_EQ(saved.exit_code, 0) << saved.err;
  EXPECT_THAT(saved.out, HasSubstr("1 saved"));
  EXPECT_THAT(listed.out, HasSubstr("octo/site")) << listed.err;
  EXPECT_EQ(restored.exit_code, 0) << restored.err;
  EXPECT_EQ(state_of(scratch_ / "out"), state_of(path_of(id)));
}

TEST_F(Folder, OfWhichAllIsItsOwnMayNameItsServer) {
  add_filled("site");
  write_env_file(
      fmt::format("TOKEN_GITHUB={}\nGITHUB_API_URL={}\nBACKUP_S3_BUCKET={}\nAWS_ENDPOINT_URL_S3={}\n"
                  "AWS_ACCESS_KEY_ID=id\nAWS_SECRET_ACCESS_KEY=key\n",
                  token_, github_.api_url(), bucket_, server_.endpoint()));

  const auto saved = hubkeep({"backup"}, user());

  EXPECT_EQ(saved.exit_code, 0) << saved.err;
  EXPECT_THAT(saved.out, HasSubstr("1 saved"));
}

TEST_F(Folder, ThatIsAVaultSaysNothing) {
  add_filled("site");
  ASSERT_EQ(backup({}, with_token()).exit_code, 0);
  write(vault() / ".env", "HUBKEEP_EXCLUDE=*\nHUBKEEP_QUIET=true\n");
  add_filled("tool", 2);

  const auto result = sim::run({hubkeep_binary(), "backup", "--api-url", github_.api_url(), "--to", "."},
                               {.cwd = vault(), .env = with_token()});

  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.err, HasSubstr(".env is not obeyed, since the current folder is a vault"));
  EXPECT_THAT(result.out, HasSubstr("1 saved, 1 unchanged"));
}

TEST_F(Folder, TheUsersOwnTomlFileIsReadWhereverOneIs) {
  add_filled("site");
  write(home() / ".config" / "hubkeep" / "hubkeep.toml",
        fmt::format("to = \"{}\"\napi-url = \"{}\"\n", vault().string(), github_.api_url()));
  write_env_file("HUBKEEP_TO=s3://theirs/vault\n");

  const auto result = hubkeep({"backup"}, with_token({{"XDG_CONFIG_HOME", ""}}));

  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_TRUE(fs::exists(vault() / "hubkeep.json"));
}

// A vault in a folder needs neither GitHub nor AWS.
TEST_F(Folder, NobodyIsAskedForCredentialsToReadAVaultInIt) {
  add_filled("site");
  ASSERT_EQ(backup({}, with_token()).exit_code, 0);
  write_aws_config("[default]\nregion = eu-west-1\ncredential_process = " + program() + "\n");
  const auto environment = user({{"HUBKEEP_SECRET_ID", "github"},
                                 {"HUBKEEP_FROM", vault().string()},
                                 {"HUBKEEP_TOKEN_FILE", "/nowhere"},
                                 {"HUBKEEP_APP_KEY_FILE", "/nowhere"}});

  for (const auto& command : commands()) {
    if (command[0] == "backup") continue;
    const auto result = hubkeep(command, environment);
    EXPECT_EQ(result.exit_code, 0) << command[0] << ": " << result.err;
  }
  const auto copied = hubkeep({"copy", vault().string(), scratch_ / "second"}, environment);

  EXPECT_EQ(copied.exit_code, 0) << copied.err;
  EXPECT_FALSE(fs::exists(marker()));
}

TEST_F(Folder, AProgramForCredentialsGetsAwsSettingsAndNoSecret) {
  add_filled("site");
  write_aws_config("[profile mine]\ncredential_process = " + program() + "\n");
  const auto environment = with_token({{"AWS_PROFILE", "mine"},
                                       {"AWS_ENDPOINT_URL_S3", server_.endpoint()},
                                       {"AWS_SESSION_TOKEN", "secret-session"},
                                       {"GH_TOKEN", "secret-gh"},
                                       {"GITHUB_TOKEN", "secret-github"},
                                       {"HUBKEEP_APP_KEY", ""}});

  const auto result = hubkeep({"backup", "--api-url", github_.api_url(), "--to", location()}, environment);

  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(marked(), AllOf(HasSubstr("AWS_PROFILE=mine"), HasSubstr("HOME="), Not(HasSubstr(token_)),
                              Not(HasSubstr("secret-")), Not(HasSubstr("HUBKEEP_"))));
}

TEST_F(Folder, GitGetsNothingOfOurs) {
  const auto id = add_repository("modern", {.object_format = sim::ObjectFormat::sha256});
  sim::make_repository_content(path_of(id), 2, 5, 3);
  pushed(id);
  ASSERT_EQ(backup({}, with_token()).exit_code, 0);
  const auto git = scratch_ / "bin" / "git";
  write(git, fmt::format("#!/bin/sh\nenv >>'{}'\nexec '{}' \"$@\"\n", marker().string(),
                         sim::find_program("git").value().string()));
  fs::permissions(git, fs::perms::owner_all);

  const auto result = hubkeep({"restore", "octo/modern", "out", "--from", vault().string()},
                              with_token({{"PATH", git.parent_path().string() + ":/usr/bin:/bin"},
                                          {"AWS_SECRET_ACCESS_KEY", "secret-key"},
                                          {"AWS_PROFILE", "mine"}}));

  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(state_of(scratch_ / "out" / ".git"), state_of(path_of(id)));
  EXPECT_THAT(marked(), AllOf(HasSubstr("PATH="), Not(HasSubstr(token_)), Not(HasSubstr("AWS_")),
                              Not(HasSubstr("HUBKEEP_")), Not(HasSubstr("secret-"))));
}

}  // namespace
}  // namespace hubkeep
