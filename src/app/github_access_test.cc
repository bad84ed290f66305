#include "app/github_access.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "app/load_settings.h"
#include "base/error_of.h"
#include "crypto/test_keys.h"

namespace hubkeep {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

Settings load(const FlagValues& flags, const Environment& environment = {},
              const std::map<std::string, std::string>& files = {{"app.pem", kTestKey}}) {
  const auto read_file = [&](const std::filesystem::path& path, NamedBy) -> FileText {
    const auto file = files.find(path.string());
    if (file == files.end()) return {};
    return {.state = FileText::State::found, .text = file->second};
  };
  return load_settings(Command::backup, flags, environment, {.read_file = read_file, .read_secret = {}});
}

std::string refusal(const FlagValues& flags, const Environment& environment = {},
                    const std::map<std::string, std::string>& files = {{"app.pem", kTestKey}}) {
  const Error error = error_of([&] { load(flags, environment, files); });

  EXPECT_EQ(error.kind(), ErrorKind::invalid);
  return error.message();
}

const FlagValues kBoth = {{"app-id", {"12"}}, {"app-key-file", {"app.pem"}}};

TEST(GitHubAccess, TakesAnAppAndItsKey) {
  const Settings settings = load(kBoth);

  EXPECT_EQ(settings.app_id, "12");
  EXPECT_EQ(settings.app_key.reveal(), kTestKey);
}

TEST(GitHubAccess, KnowsOtherNamesOfGitHub) {
  const auto aliases = [](const std::string& name) {
    return api_aliases(load({{"api-url", {"https://ghe.example.com/api/v3"}}, {"api-alias", {name}}}));
  };

  EXPECT_EQ(aliases("GHE.internal,10.0.0.7:8443"), (ApiAliases{"ghe.internal", "10.0.0.7:8443"}));
  EXPECT_EQ(aliases("ghe.internal:443"), ApiAliases{"ghe.internal"});
  EXPECT_EQ(error_of([&] { aliases("https://ghe.internal"); }).message(),
            "--api-alias is neither HOST nor HOST:PORT");
  EXPECT_EQ(error_of([&] { aliases("ghe.internal:port"); }).kind(), ErrorKind::invalid);
}

TEST(GitHubAccess, TakesAKeyWhoseLinesAreWrittenOut) {
  std::string one_line;
  for (const char c : std::string(kTestKey)) one_line += c == '\n' ? "\\n" : std::string(1, c);

  const Settings settings = load({}, {{"HUBKEEP_APP_ID", "12"}, {"HUBKEEP_APP_KEY", one_line}});

  EXPECT_EQ(settings.app_key.reveal(), kTestKey);
  EXPECT_EQ(load({}, {{"HUBKEEP_APP_ID", "12"}, {"HUBKEEP_APP_KEY_FILE", "app.pem"}}).app_key.reveal(),
            kTestKey);
}

TEST(GitHubAccess, WantsBothOrNone) {
  EXPECT_THAT(refusal({{"app-id", {"12"}}}), AllOf(HasSubstr("--app-id needs"), HasSubstr("--app-key-file")));
  EXPECT_THAT(refusal({{"app-key-file", {"app.pem"}}}),
              AllOf(HasSubstr("--app-key-file needs"), HasSubstr("--app-id")));
}

TEST(GitHubAccess, RefusesAKeyThatIsNoneWithoutShowingIt) {
  EXPECT_THAT(refusal(kBoth, {}, {{"app.pem", "hunter2"}}),
              AllOf(HasSubstr("app.pem"), HasSubstr("no PEM"), Not(HasSubstr("hunter2"))));
  EXPECT_THAT(refusal(kBoth, {}, {{"app.pem", kTestKeyEncrypted}}), HasSubstr("passphrase"));
}

TEST(GitHubAccess, AnAppBesideATokenIsRefused) {
  EXPECT_THAT(refusal(kBoth, {{"TOKEN_GITHUB", "ghp_x"}}),
              HasSubstr("--app-id and TOKEN_GITHUB are two ways"));
}

TEST(GitHubAccess, ATokenThatOtherProgramsSetIsLeftAside) {
  for (const char* name : {"GITHUB_TOKEN", "GH_TOKEN"}) {
    const Settings settings = load(kBoth, {{name, "ghp_x"}});

    EXPECT_TRUE(settings.token.empty()) << name;
    EXPECT_EQ(settings.app_id, "12");
  }
}

TEST(GitHubAccess, ASecretThatStandsInTheConfigurationIsNamedWithItsVariable) {
  EXPECT_THAT(refusal({}, {}, {{"hubkeep.toml", "app-key = \"x\""}}),
              AllOf(HasSubstr("app-key-file"), HasSubstr("HUBKEEP_APP_KEY")));
}

}  // namespace
}  // namespace hubkeep
