#include "app/authorities.h"

#include <gmock/gmock.h>

#include <fstream>

#include "base/error.h"
#include "base/scratch_folder.h"

namespace hubkeep {
namespace {

using ::testing::HasSubstr;

class AuthoritiesTest : public ::testing::Test {
 protected:
  AuthoritiesTest() { settings_.aws_environment.home = home_.path(); }

  void give(const std::string& name, const std::string& file) {
    (name == "ca-file" ? settings_.ca_file : settings_.s3_ca_file) = file;
    settings_.origins[name] = {.source = SettingSource::flag, .text = "--" + name};
  }
  void give_variable(const std::string& file) { settings_.aws_environment.variables["AWS_CA_BUNDLE"] = file; }
  void give_profile(const std::string& file) {
    std::filesystem::create_directories(home_.path() / ".aws");
    std::ofstream(home_.path() / ".aws" / "config") << "[profile work]\nca_bundle = " << file << "\n";
    settings_.aws_environment.variables["AWS_PROFILE"] = "work";
  }

  const ScratchFolder home_;
  Settings settings_;
};

void expect(const Authorities& authorities, const std::string& file, AuthoritiesUse use,
            const std::string& name) {
  EXPECT_EQ(authorities.file, file);
  EXPECT_EQ(authorities.use, use);
  EXPECT_EQ(authorities.name, name);
}

constexpr auto kInstead = AuthoritiesUse::instead;
constexpr auto kBesides = AuthoritiesUse::besides;

TEST_F(AuthoritiesTest, AreTheSystemsWhereNoneIsNamed) {
  expect(github_authorities(settings_), "", kInstead, "");
  expect(store_authorities(settings_), "", kInstead, "");
  expect(credentials_authorities(settings_), "", kInstead, "");
}

TEST_F(AuthoritiesTest, OfGitHubHoldForTheStoreBesidesTheSystems) {
  give("ca-file", "/g");

  expect(github_authorities(settings_), "/g", kInstead, "--ca-file /g");
  expect(store_authorities(settings_), "/g", kBesides, "--ca-file /g");
  expect(credentials_authorities(settings_), "/g", kBesides, "--ca-file /g");
}

TEST_F(AuthoritiesTest, OfTheStoreAreNoneOfGitHubsAndHoldForAwssServicesBesidesTheSystems) {
  give("ca-file", "/g");
  give("s3-ca-file", "/s");

  expect(github_authorities(settings_), "/g", kInstead, "--ca-file /g");
  expect(store_authorities(settings_), "/s", kInstead, "--s3-ca-file /s");
  expect(credentials_authorities(settings_), "/s", kBesides, "--s3-ca-file /s");
}

TEST_F(AuthoritiesTest, OfAwssVariableHoldForAllOfAwsAndTheFlagWinsForTheStore) {
  give("ca-file", "/g");
  give_variable("/v");
  expect(store_authorities(settings_), "/v", kInstead, "/v (AWS_CA_BUNDLE)");
  expect(credentials_authorities(settings_), "/v", kInstead, "/v (AWS_CA_BUNDLE)");
  expect(github_authorities(settings_), "/g", kInstead, "--ca-file /g");

  give("s3-ca-file", "/s");
  expect(store_authorities(settings_), "/s", kInstead, "--s3-ca-file /s");
  expect(credentials_authorities(settings_), "/v", kInstead, "/v (AWS_CA_BUNDLE)");
}

TEST_F(AuthoritiesTest, OfAProfileCountWhereTheVariableIsNotSet) {
  give("ca-file", "/g");
  give_profile("~/p");
  expect(store_authorities(settings_), home_.path().string() + "/p", kInstead,
         home_.path().string() + "/p (ca_bundle of the profile work)");

  give_variable("/v");
  expect(store_authorities(settings_), "/v", kInstead, "/v (AWS_CA_BUNDLE)");
}

TEST_F(AuthoritiesTest, SayHowAnotherIsGiven) {
  EXPECT_THAT(github_authorities(settings_).remedy, HasSubstr("with --ca-file"));
  EXPECT_THAT(store_authorities(settings_).remedy, HasSubstr("with --s3-ca-file"));
  EXPECT_THAT(credentials_authorities(settings_).remedy, HasSubstr("with AWS_CA_BUNDLE"));
}

TEST_F(AuthoritiesTest, NameTheSourceThatIsNoFlag) {
  settings_.s3_ca_file = "/s";
  settings_.origins["s3-ca-file"] = {.source = SettingSource::users_config,
                                     .text = "s3-ca-file in hubkeep.toml"};

  EXPECT_EQ(store_authorities(settings_).name, "/s (s3-ca-file in hubkeep.toml)");
}

TEST_F(AuthoritiesTest, OfAProfileThatIsNotThereAreAnError) {
  settings_.aws_environment.variables["AWS_PROFILE"] = "nobody";

  EXPECT_THROW(store_authorities(settings_), Error);
}

}  // namespace
}  // namespace hubkeep
