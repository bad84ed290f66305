// The whole program as a GitHub App: it signs in with a key, and its tokens may end at any request.

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <fstream>
#include <sstream>

#include "crypto/base64.h"
#include "crypto/test_keys.h"
#include "e2e/end_to_end.h"

namespace hubkeep {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

class AppRun : public EndToEnd {
 protected:
  AppRun() {
    key_file_ = scratch_ / "app.pem";
    std::ofstream(key_file_) << kTestKey;
    world_.add_organization("acme");
    world_.add_app({.id = 12, .client_id = "Iv23x", .owner = "octo", .public_key = kTestPublicKey});
    // Histories that are old enough to be trusted, and then the clock that hubkeep has as well.
    world_.advance(-std::chrono::days(2));
    site_ = add_filled("site", 1);
    tool_ = add_filled("tool", 2);
    world_.set_time(std::nullopt);
  }

  sim::RepositoryId add_filled(const std::string& name, unsigned seed) {
    const auto id = world_.add_repository("acme", name, {.is_private = true});
    sim::make_repository_content(path_of(id), seed, 5, 3);
    pushed(id);
    return id;
  }

  sim::RunResult backup_as_app(std::vector<std::string> arguments = {}, sim::Environment environment = {}) {
    environment.emplace("TOKEN_GITHUB", "");
    arguments.insert(arguments.begin(), {"--app-id", "12", "--app-key-file", key_file_.string()});
    return backup(std::move(arguments), std::move(environment));
  }

  std::size_t tokens_made() const {
    std::size_t count = 0;
    for (const auto& request : github_.log()) count += request.path.ends_with("/access_tokens") ? 1 : 0;
    return count;
  }
  void expect_refused(const std::string& reason, std::vector<std::string> arguments = {}) {
    const auto result = backup_as_app(std::move(arguments));
    EXPECT_EQ(result.exit_code, 1);
    EXPECT_THAT(result.err, HasSubstr(reason));
    EXPECT_FALSE(fs::exists(vault() / "repos"));
  }
  void end_tokens_before(sim::FaultMatch match, int skip = 0) {
    github_.faults().add(std::move(match), sim::Hook{[&] { world_.expire_installation_tokens(); }}, 1, skip);
  }

  fs::path key_file_;
  sim::RepositoryId site_ = 0;
  sim::RepositoryId tool_ = 0;
};

TEST_F(AppRun, SavesWhatItIsInstalledOn) {
  world_.install(12, "acme", std::set{site_});

  const auto result = backup_as_app();

  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr("1 saved"));
  EXPECT_EQ(state_of(restore("acme/site")), state_of(path_of(site_)));
  EXPECT_EQ(tokens_made(), 1U);
}

TEST_F(AppRun, FindsTheInstallationByAccountOrRepositoryAmongSeveral) {
  world_.install(12, "acme");
  world_.install(12, "octo");

  expect_refused("name one of them with --org or --user: acme, octo");
  expect_refused("run hubkeep once for each", {"--org", "acme", "--user", "octo"});
  const auto by_organization = backup_as_app({"--org", "acme"});
  const auto by_repository = backup_as_app({"--repo", "acme/tool", "--only-owner"});

  EXPECT_EQ(by_organization.exit_code, 0) << by_organization.err;
  EXPECT_THAT(by_organization.out, HasSubstr("2 saved"));
  EXPECT_EQ(by_repository.exit_code, 0) << by_repository.err;
  EXPECT_THAT(by_repository.out, HasSubstr("1 unchanged"));
}

TEST_F(AppRun, TakesTheKeyFromAVariableAndLeavesAsideATokenThatOtherProgramsSet) {
  world_.install(12, "acme");
  std::string one_line;
  for (const char c : std::string(kTestKey)) one_line += c == '\n' ? "\\n" : std::string(1, c);

  const auto result = backup({}, {{"TOKEN_GITHUB", ""},
                                  {"HUBKEEP_APP_ID", "Iv23x"},
                                  {"HUBKEEP_APP_KEY", one_line},
                                  {"GITHUB_TOKEN", token_}});

  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr("2 saved"));
  for (const auto& request : github_.log()) EXPECT_NE(request.token_login, "octo");
}

TEST_F(AppRun, ATokenThatEndsWhileRepositoriesAreListedIsReplaced) {
  for (int i = 0; i < 100; ++i) world_.add_repository("acme", "empty-" + std::to_string(i));
  world_.install(12, "acme");
  end_tokens_before({.path = "/installation/repositories"}, 1);

  const auto result = backup_as_app({"--include", "acme/site", "--include", "acme/tool"});

  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr("2 saved"));
  EXPECT_EQ(tokens_made(), 2U);
}

TEST_F(AppRun, AListThatHoldsLessThanItCountsIsAProblemAndWhatItHoldsIsSaved) {
  for (int i = 0; i < 100; ++i) world_.add_repository("acme", "empty-" + std::to_string(i));
  world_.install(12, "acme");
  github_.faults().add({.path = "/installation/repositories"}, sim::WithoutHeader{"Link"},
                       sim::Fault::kForever);
  github_.faults().add({.path = "/installation/repositories.*page=2"}, sim::EmptyList{},
                       sim::Fault::kForever);

  const auto result = backup_as_app({"--include", "acme/site", "--include", "acme/tool"});

  EXPECT_EQ(result.exit_code, 3);
  EXPECT_THAT(result.out, HasSubstr("2 saved, 0 unchanged, 1 failed"));
  EXPECT_THAT(result.err, HasSubstr("GitHub counts 102 and lists 100"));
}

TEST_F(AppRun, OneRefusalEndsNothing) {
  world_.install(12, "acme");
  for (const char* path : {"/app/installations\\?", "/access_tokens", "/installation/repositories"})
    github_.faults().add({.path = path}, sim::Respond{.status = 404, .body = "{}"});
  github_.faults().add({.git_command = sim::GitCommand::ls_refs}, sim::Respond{.status = 401});

  const auto result = backup_as_app();

  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr("2 saved"));
  EXPECT_EQ(github_.faults().applied(), 4U);
}

TEST_F(AppRun, ATokenThatEndsBeforeOrBetweenGitsRequestsIsReplaced) {
  world_.install(12, "acme");
  end_tokens_before({.git_command = sim::GitCommand::ls_refs});
  end_tokens_before({.git_command = sim::GitCommand::fetch});
  end_tokens_before({.git_command = sim::GitCommand::fetch}, 2);

  const auto result = backup_as_app({"--jobs", "1"});

  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.err, Not(HasSubstr("trying again")));
  EXPECT_EQ(tokens_made(), 4U);
  EXPECT_EQ(state_of(restore("acme/site")), state_of(path_of(site_)));
  EXPECT_EQ(state_of(restore("acme/tool")), state_of(path_of(tool_)));
}

TEST_F(AppRun, ThatIsSuspendedInTheMiddleOfARunSaysSoForEachRepositoryThatIsMissing) {
  const auto id = world_.install(12, "acme");
  github_.faults().add({.git_command = sim::GitCommand::ls_refs}, sim::Hook{[&] {
                         world_.edit_installation(id, [](sim::Installation& each) { each.suspended = true; });
                       }},
                       1, 1);

  const auto result = backup_as_app({"--jobs", "1"});

  EXPECT_EQ(result.exit_code, 3);
  EXPECT_THAT(result.out, HasSubstr("1 saved, 0 unchanged, 1 failed"));
  EXPECT_THAT(result.err, AllOf(HasSubstr("GitHub App 12"), HasSubstr("suspended")));
}

TEST_F(AppRun, OneThatDoesNotReachARepositoryAnyMoreDoesNotCallItDeleted) {
  const auto id = world_.install(12, "acme");
  ASSERT_EQ(backup_as_app().exit_code, 0);
  world_.edit_installation(id, [&](sim::Installation& each) { each.repositories = {{site_}}; });

  const auto result = backup_as_app();

  EXPECT_EQ(result.exit_code, 3) << "what is private is missed";
  EXPECT_THAT(result.err, HasSubstr("acme/tool: gone (or hidden from this token)"));
  EXPECT_EQ(state_of(restore("acme/tool")), state_of(path_of(tool_)));
}

TEST_F(AppRun, ThatCannotSignInSaysWhy) {
  expect_refused("is not installed anywhere: install it at " + github_.origin() + "/apps/keeper");
  expect_refused("is not installed on acme", {"--org", "acme"});
  const auto id = world_.install(12, "acme");
  world_.edit_installation(id, [](sim::Installation& each) { each.suspended = true; });
  expect_refused("the installation of GitHub App 12 on acme is suspended");
  world_.set_time(std::chrono::time_point_cast<std::chrono::seconds>(std::chrono::system_clock::now()) -
                  std::chrono::hours(2));
  expect_refused("the clock of this machine is wrong: it is 7");
  world_.set_time(std::nullopt);
  world_.add_app({.id = 13, .owner = "octo", .public_key = "another"});
  expect_refused("the key is not one of this App's", {"--app-id", "13"});
  expect_refused("does not know GitHub App 14", {"--app-id", "14"});
}

// Neither what the App signs nor the answer in its place.
TEST_F(AppRun, TheExchangeForATokenDoesNotGoElsewhere) {
  world_.install(12, "acme");
  sim::World other_world(scratch_ / "elsewhere");
  sim::Simulator elsewhere(other_world);
  github_.faults().add({.path = "/access_tokens"},
                       sim::RedirectTo{.status = 307, .location = elsewhere.origin() + "/take"},
                       sim::Fault::kForever);

  expect_refused("which is not the API's host");

  ASSERT_FALSE(elsewhere.log().empty());
  for (const auto& request : elsewhere.log()) EXPECT_TRUE(request.auth_scheme.empty());
}

TEST_F(AppRun, AKeyThatIsNoneOrAloneIsAnErrorOfUsage) {
  std::ofstream(scratch_ / "elliptic.pem") << kTestEllipticKey;
  const sim::Environment none = {{"TOKEN_GITHUB", ""}};

  const auto elliptic = backup({"--app-id", "12", "--app-key-file", scratch_ / "elliptic.pem"}, none);
  const auto alone = backup({"--app-id", "12"}, none);
  const auto beside = backup({"--app-id", "12", "--app-key-file", key_file_.string()});

  for (const auto* result : {&elliptic, &alone, &beside}) EXPECT_EQ(result->exit_code, 2);
  EXPECT_THAT(elliptic.err, HasSubstr("no RSA key"));
  EXPECT_THAT(alone.err, HasSubstr("--app-key-file"));
  EXPECT_THAT(beside.err, HasSubstr("two ways to sign in"));
  EXPECT_TRUE(github_.log().empty());
}

// Neither in standard output and error nor in the vault; and a flag that would show the key is refused.
TEST_F(AppRun, NeitherKeyNorTokensAreToBeSeen) {
  const auto id = world_.install(12, "acme");
  const std::string key = kTestKey;
  github_.faults().add({.repository = "acme/site", .git_command = sim::GitCommand::fetch},
                       sim::CutAfter{300});

  const auto good = backup_as_app({"--verbose", "--json"});
  world_.edit_installation(id, [](sim::Installation& each) { each.suspended = true; });
  const auto bad = backup_as_app({"--verbose"});
  const auto typed = backup({"--app-key=" + key}, {{"TOKEN_GITHUB", ""}});

  EXPECT_EQ(good.exit_code, 0) << good.err;
  EXPECT_EQ(typed.exit_code, 2);
  std::string seen = good.out + good.err + bad.out + bad.err + typed.out + typed.err;
  for (const auto& entry : fs::recursive_directory_iterator(vault())) {
    std::ostringstream text;
    if (entry.is_regular_file() && entry.path().extension() == ".zst")
      text << sim::run_checked({"zstd", "-dcq", entry.path().string()}).out;
    else if (entry.is_regular_file())
      text << std::ifstream(entry.path(), std::ios::binary).rdbuf();
    seen += text.str();
  }
  EXPECT_THAT(seen, AllOf(Not(HasSubstr("ghs_")), Not(HasSubstr(base64("x-access-token:ghs"))),
                          Not(HasSubstr("eyJhbGciOiJSUzI1NiI")), Not(HasSubstr(key.substr(100, 20)))));
}

std::string of_process(int process, const std::string& what) {
  std::ostringstream text;
  text << std::ifstream(fmt::format("/proc/{}/{}", process, what), std::ios::binary).rdbuf();
  return text.str();
}

// The key comes by a file, which only its own user may read; arguments are for everybody to see.
TEST_F(AppRun, TheKeyIsInNoArgumentsAndNoEnvironment) {
  world_.install(12, "acme");
  const std::string some_of_the_key = std::string(kTestKey).substr(100, 20);
  std::string seen;
  github_.faults().add({.repository = "acme/site", .git_command = sim::GitCommand::fetch}, sim::Hook{[&] {
                         for (const auto& entry : fs::directory_iterator("/proc")) {
                           const std::string name = entry.path().filename();
                           if (name.find_first_not_of("0123456789") != std::string::npos) continue;
                           const std::string arguments = of_process(std::stoi(name), "cmdline");
                           if (arguments.find(key_file_.string()) == std::string::npos) continue;
                           seen += arguments + of_process(std::stoi(name), "environ");
                         }
                       }});

  const auto result = backup_as_app();

  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(seen, AllOf(HasSubstr("--app-id"), HasSubstr("PATH="), Not(HasSubstr(some_of_the_key))));
}

}  // namespace
}  // namespace hubkeep
