// Where the token comes from, where it goes, where it never shows; and what GitHub's refusals and limits lead
// to.

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <fstream>
#include <sstream>

#include "crypto/base64.h"
#include "e2e/end_to_end.h"
#include "sim/server_program.h"

namespace hubkeep {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

class TokenRun : public EndToEnd {
 protected:
  sim::RepositoryId add_filled(const std::string& name, unsigned seed = 1,
                               sim::RepositoryOptions options = {}) {
    const auto id = add_repository(name, options);
    sim::make_repository_content(path_of(id), seed, 5, 3);
    pushed(id);
    return id;
  }
  /// Who the run said that it was, after a first request.
  std::string login_of(const sim::RunResult& result) const {
    EXPECT_EQ(result.exit_code, 0) << result.err;
    return github_.log().empty() ? "nobody" : github_.log().back().token_login;
  }
  static std::string content_of(const fs::path& file) {
    if (file.extension() == ".zst") return sim::run_checked({"zstd", "-dcq", file.string()}).out;
    std::ostringstream text;
    text << std::ifstream(file, std::ios::binary).rdbuf();
    return text.str();
  }
  void expect_hidden(const std::string& text, const std::string& where) const {
    for (const auto& form : {token_, base64(token_), base64("x-access-token:" + token_)})
      EXPECT_EQ(text.find(form), std::string::npos) << where;
  }
  void expect_hidden(const sim::RunResult& result) const {
    expect_hidden(result.out, "standard output");
    expect_hidden(result.err, "standard error");
  }
  /// The number of files looked into.
  int expect_hidden_in_vault() const {
    int files = 0;
    for (const auto& entry : fs::recursive_directory_iterator(vault())) {
      if (!entry.is_regular_file()) continue;
      expect_hidden(entry.path().string(), "a file's name");
      expect_hidden(content_of(entry.path()), entry.path().string());
      ++files;
    }
    return files;
  }
  void refuse_listing(sim::Respond answer) {
    github_.faults().add({.path = "/user/repos"}, std::move(answer), sim::Fault::kForever);
  }
};

class AnotherHost : public TokenRun {
 protected:
  AnotherHost() { id_ = add_filled("site"); }

  void expect_no_token_arrived() const {
    for (const auto& request : elsewhere_.log()) EXPECT_EQ(request.auth_scheme, "");
  }

  sim::RepositoryId id_ = 0;
  sim::World other_world_{scratch_ / "elsewhere"};
  sim::Simulator elsewhere_{other_world_};
};

TEST_F(AnotherHost, IsNotAskedForTheNextPage) {
  github_.faults().add(
      {.path = "/user/repos"},
      sim::WithHeader{"Link", "<" + elsewhere_.api_url() + "/user/repos?page=2>; rel=\"next\""},
      sim::Fault::kForever);

  const auto result = backup();

  EXPECT_EQ(result.exit_code, 3);
  EXPECT_THAT(result.out, HasSubstr("1 saved, 0 unchanged, 1 failed"));
  EXPECT_THAT(result.err,
              AllOf(HasSubstr("leads to " + elsewhere_.origin()), HasSubstr("not the API's host")));
  EXPECT_TRUE(elsewhere_.log().empty());
}

TEST_F(AnotherHost, IsNotTheApiByARedirect) {
  // It would even answer: public repositories of a user of the same name.
  other_world_.add_repository("octo", "planted");
  github_.faults().add({.path = "/users/octo/repos"},
                       sim::RedirectTo{.location = elsewhere_.api_url() + "/users/octo/repos"},
                       sim::Fault::kForever);
  token_ = world_.add_token("somebody-else");

  const auto result = backup({"--user", "octo"});

  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.err,
              AllOf(HasSubstr("leads to " + elsewhere_.origin()), HasSubstr("not the API's host")));
  expect_no_token_arrived();
  EXPECT_FALSE(fs::exists(vault() / "repos"));
}

TEST_F(AnotherHost, GetsNoTokenByARedirectOfGit) {
  github_.faults().add(
      {.git_command = sim::GitCommand::ls_refs},
      sim::RedirectTo{.status = 307, .location = elsewhere_.origin() + "/octo/site.git/git-upload-pack"},
      sim::Fault::kForever);

  const auto result = backup();

  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.err, HasSubstr("the token was not sent there"));
  EXPECT_FALSE(elsewhere_.log().empty());
  expect_no_token_arrived();
}

TEST_F(AnotherHost, GetsNoTokenByACloneUrl) {
  world_.edit(id_,
              [&](sim::Repository& r) { r.clone_url_override = elsewhere_.origin() + "/octo/site.git"; });

  const auto result = backup();

  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.err, HasSubstr("the token was not sent there"));
  EXPECT_FALSE(elsewhere_.log().empty());
  expect_no_token_arrived();
}

TEST_F(TokenRun, TheTokenIsNowhereToBeSeen) {
  add_filled("site");
  add_filled("modern", 2, {.object_format = sim::ObjectFormat::sha256});
  const auto blocked = add_filled("blocked", 3);
  world_.edit(blocked, [](sim::Repository& r) { r.block = sim::Block::dmca; });
  github_.faults().add({.repository = "octo/site", .git_command = sim::GitCommand::fetch},
                       sim::CutAfter{300});

  expect_hidden(backup({"--verbose", "--json"}));
  world_.edit_token(token_, [](sim::Token& token) { token.revoked = true; });
  expect_hidden(backup({"--verbose"}));

  EXPECT_GE(expect_hidden_in_vault(), 10);
}

TEST_F(TokenRun, NoProgramThatIsStartedGetsTheToken) {
  const auto id = add_filled("modern", 2, {.object_format = sim::ObjectFormat::sha256});
  ASSERT_EQ(backup().exit_code, 0);
  const auto bin = scratch_ / "bin";
  const auto record = scratch_ / "arguments";
  fs::create_directory(bin);
  std::ofstream(bin / "git") << fmt::format("#!/bin/sh\necho \"git $*\" >>'{}'\nexec '{}' \"$@\"\n",
                                            record.string(), sim::find_program("git").value().string());
  fs::permissions(bin / "git", fs::perms::owner_all);

  const auto result = hubkeep({"restore", "octo/modern", "out", "--from", vault().string()},
                              {{"TOKEN_GITHUB", token_}, {"PATH", bin.string() + ":/usr/bin:/bin"}});

  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(state_of(scratch_ / "out" / ".git"), state_of(path_of(id)));
  EXPECT_THAT(content_of(record), HasSubstr("git "));
  expect_hidden(content_of(record), "arguments of git");
}

TEST_F(TokenRun, AFlagThatWouldShowTheTokenIsRefusedWithoutRepeatingIt) {
  for (const std::string& word : {"--token=" + token_, "--tokn=" + token_}) {
    const auto result = backup({word});

    EXPECT_EQ(result.exit_code, 2);
    expect_hidden(result);
  }
  const auto in_url = hubkeep({"backup", "--api-url", "http://octo:" + token_ + "@127.0.0.1:1/api/v3"},
                              {{"TOKEN_GITHUB", token_}});
  EXPECT_EQ(in_url.exit_code, 1);
  expect_hidden(in_url);
}

TEST_F(TokenRun, TheFirstOfItsPlacesCounts) {
  std::vector<std::string> tokens;
  for (const std::string login : {"file", "own", "first", "second", "third"}) {
    world_.add_user(login);
    world_.add_repository(login, "site");
    tokens.push_back(world_.add_token(login));
  }
  const std::string file = scratch_ / "token";
  std::ofstream(file) << tokens[0] << "\n";
  sim::Environment environment = {{"HUBKEEP_TOKEN", tokens[1]},
                                  {"TOKEN_GITHUB", tokens[2]},
                                  {"GITHUB_TOKEN", tokens[3]},
                                  {"GH_TOKEN", tokens[4]}};

  EXPECT_EQ(login_of(backup({"--token-file", file}, environment)), "file");
  EXPECT_EQ(login_of(backup({}, environment)), "own");
  environment["HUBKEEP_TOKEN"] = "";
  EXPECT_EQ(login_of(backup({}, environment)), "first");
  environment["TOKEN_GITHUB"] = "";
  EXPECT_EQ(login_of(backup({}, environment)), "second");
  environment["GITHUB_TOKEN"] = "";
  EXPECT_EQ(login_of(backup({}, environment)), "third");
}

TEST_F(TokenRun, ATokenFileThatIsNoneIsNamed) {
  add_filled("site");
  std::ofstream(scratch_ / "empty") << "";
  std::ofstream(scratch_ / "blank") << "\n";
  std::ofstream(scratch_ / "two") << token_ << "\n" << token_ << "\n";
  fs::create_directory(scratch_ / "folder");
  std::ofstream(scratch_ / "good") << token_ << "\r\n";

  for (const char* name : {"missing", "empty", "blank", "two", "folder", "good/below"}) {
    SCOPED_TRACE(name);
    const auto result = backup({"--token-file", scratch_ / name});

    EXPECT_EQ(result.exit_code, 2);
    EXPECT_THAT(result.err, AllOf(HasSubstr("--token-file"), HasSubstr(scratch_ / name)));
    expect_hidden(result);
  }
  EXPECT_TRUE(github_.log().empty());
  EXPECT_EQ(backup({"--token-file", scratch_ / "good"}, {{"TOKEN_GITHUB", ""}}).exit_code, 0);
}

TEST_F(TokenRun, WithoutATokenPublicRepositoriesOfThoseNamedAreSaved) {
  const auto id = add_filled("site");
  add_filled("hidden", 2, {.is_private = true});
  world_.add_organization("acme");
  world_.add_repository("acme", "tool");
  const sim::Environment none = {{"TOKEN_GITHUB", ""}};

  const auto named = backup({"--user", "octo", "--org", "acme"}, none);
  const auto hidden = backup({"--repo", "octo/hidden"}, none);
  const auto nothing = backup({}, none);

  EXPECT_EQ(named.exit_code, 0) << named.err;
  EXPECT_THAT(named.out, HasSubstr("2 saved, 0 unchanged, 0 failed"));
  EXPECT_EQ(state_of(restore("octo/site")), state_of(path_of(id)));
  EXPECT_EQ(hidden.exit_code, 1);
  EXPECT_THAT(hidden.err, HasSubstr("a request without a token"));
  EXPECT_EQ(nothing.exit_code, 1);
  EXPECT_THAT(nothing.err, AllOf(HasSubstr("no token"), HasSubstr("TOKEN_GITHUB"), HasSubstr("--token-file"),
                                 HasSubstr("--user")));
}

TEST_F(TokenRun, AnExpiredTokenIsNamedWithWhatToDo) {
  add_filled("site");
  world_.edit_token(token_, [](sim::Token& token) { token.revoked = true; });

  const auto result = backup({}, {{"TOKEN_GITHUB", ""}, {"GITHUB_TOKEN", token_}});

  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.err, AllOf(HasSubstr("the token from GITHUB_TOKEN"), HasSubstr("Bad credentials"),
                                HasSubstr("make a new one"), Not(HasSubstr("trying again"))));
  EXPECT_FALSE(fs::exists(vault()));
}

TEST_F(TokenRun, AFirstListThatFailsLeavesNothingAndOneThatDoesNotIsAskedForOnce) {
  const auto id = add_filled("site");
  github_.faults().add({.path = "/user/repos", .kind = sim::RequestKind::api}, sim::Respond{.status = 422},
                       sim::Fault::kForever);

  const auto failed = backup();
  const bool is_there = fs::exists(vault());
  github_.faults().clear();
  const auto none_left = backup({"--include", "nobody/*"});
  const bool is_there_still = fs::exists(vault());
  github_.clear_log();
  const auto first = backup();

  EXPECT_EQ(failed.exit_code, 1) << failed.err;
  EXPECT_FALSE(is_there);
  EXPECT_THAT(none_left.err, HasSubstr("the filters leave none of 1 repository"));
  EXPECT_FALSE(is_there_still);
  EXPECT_EQ(first.exit_code, 0) << first.err;
  EXPECT_EQ(github_.request_log().count_path("/user/repos"), 1U);
  EXPECT_EQ(state_of(restore("octo/site")), state_of(path_of(id)));
}

TEST_F(TokenRun, SingleSignOnIsALineWithTheAddressToVisit) {
  add_filled("site");
  const std::string address = "https://github.com/orgs/acme/sso?authorization_request=A1";
  github_.faults().add(
      {.path = "/repos/acme/tool"},
      sim::Respond{
          .status = 403,
          .headers = {{"Content-Type", "application/json"}, {"X-GitHub-SSO", "required; url=" + address}},
          .body = R"({"message":"Resource protected by organization SAML enforcement."})"},
      sim::Fault::kForever);

  const auto result = backup({"--repo", "acme/tool", "--repo", "octo/site"});

  EXPECT_EQ(result.exit_code, 3);
  EXPECT_THAT(result.out, HasSubstr("1 saved, 0 unchanged, 1 failed"));
  EXPECT_THAT(result.err, AllOf(HasSubstr("acme/tool: failed"), HasSubstr(address), HasSubstr("authorise")));
}

TEST_F(TokenRun, WhatCannotBeHadIsALineEachAndTheRestIsSaved) {
  add_filled("good");
  add_repository("empty");
  const auto taken_down = add_filled("dmca", 2);
  const auto blocked = add_filled("tos", 3);
  const auto disabled = add_filled("disabled", 4);
  world_.edit(taken_down, [](sim::Repository& r) { r.block = sim::Block::dmca; });
  world_.edit(blocked, [](sim::Repository& r) { r.block = sim::Block::terms_of_service; });
  world_.edit(disabled, [](sim::Repository& r) { r.disabled = true; });
  std::vector<std::string> named;
  for (const char* name : {"good", "empty", "dmca", "tos", "disabled", "missing"})
    named.insert(named.end(), {"--repo", std::string("octo/") + name});

  const auto listed = backup();
  const auto by_name = backup(named);

  EXPECT_EQ(listed.exit_code, 3);
  EXPECT_THAT(listed.out, HasSubstr("2 saved, 0 unchanged, 3 failed"));
  EXPECT_THAT(listed.err, AllOf(HasSubstr("octo/empty: saved (empty)"), HasSubstr("octo/dmca: failed"),
                                HasSubstr("DMCA takedown"), HasSubstr("octo/tos: failed"),
                                HasSubstr("disabled by GitHub staff"), HasSubstr("octo/disabled: failed")));
  EXPECT_EQ(by_name.exit_code, 3);
  EXPECT_THAT(by_name.out, HasSubstr("0 saved, 2 unchanged, 4 failed"));
  EXPECT_THAT(
      by_name.err,
      AllOf(HasSubstr("octo/dmca: failed"), HasSubstr("legal reasons (451)"), HasSubstr("octo/tos: failed"),
            HasSubstr("/tos/octo/tos"), HasSubstr("octo/missing: failed"),
            HasSubstr("it does not exist, or the token from TOKEN_GITHUB cannot see it")));
}

class Limit : public TokenRun {
 protected:
  Limit() { add_filled("site"); }
  void expect_waited(const std::string& reason) {
    const auto result = backup();
    EXPECT_EQ(result.exit_code, 0) << result.err;
    EXPECT_THAT(result.err, AllOf(HasSubstr("waiting "), HasSubstr(reason)));
    EXPECT_THAT(result.out, HasSubstr("1 saved"));
  }
};

TEST_F(Limit, AUsedUpHourIsWaitedOut) {
  github_.rate_limiter().set(sim::RateLimit{.remaining = 0, .reset_after = std::chrono::seconds(1)});
  // The world's clock stands still; by the second request the hour is over.
  github_.faults().add({.path = "/user/repos"}, sim::Hook{[&] { world_.advance(std::chrono::seconds(1)); }},
                       1, 1);

  expect_waited("the hourly limit of requests is used up until ");
}

TEST_F(Limit, ASecondaryLimitIsWaitedOutAsLongAsItSays) {
  for (const int status : {403, 429}) {
    SCOPED_TRACE(status);
    github_.faults().add({.path = "/user/repos"},
                         sim::Respond{.status = status,
                                      .headers = {{"Retry-After", "1"}},
                                      .body = R"({"message":"You have exceeded a secondary rate limit."})"});
    const auto result = backup();

    EXPECT_EQ(result.exit_code, 0) << result.err;
    EXPECT_THAT(result.err, HasSubstr("waiting 1 s: GitHub asks to be left alone for a while"));
  }
}

TEST_F(Limit, ASecondaryLimitThatSaysNothingIsWaitedOutForAMinuteUnlessStopped) {
  refuse_listing({.status = 403, .body = R"({"message":"You have exceeded a secondary rate limit."})"});
  const std::string script = R"("$0" backup --api-url "$1" --to "$2" 2>err &
while kill -0 $! && ! grep -q waiting err; do sleep 0.02; done
kill -TERM $!
wait $!)";

  const auto result = sim::run({"sh", "-c", script, hubkeep_binary(), github_.api_url(), vault().string()},
                               {.cwd = scratch_.path(), .env = {{"TOKEN_GITHUB", token_}}});

  EXPECT_EQ(result.exit_code, 130);
  EXPECT_THAT(content_of(scratch_ / "err"), HasSubstr("waiting 60 s: GitHub's secondary rate limit"));
}

TEST_F(Limit, ALimitOfManyHoursEndsTheRun) {
  github_.rate_limiter().set(
      sim::RateLimit{.remaining = 0, .reset_after = std::chrono::hours(5), .refusal_status = 429});

  const auto result = backup();

  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.err, AllOf(HasSubstr("is used up until"),
                                HasSubstr("minutes to wait, which is too long"), Not(HasSubstr("waiting"))));
  EXPECT_FALSE(fs::exists(vault() / "repos"));
}

TEST_F(Limit, ALimitOfTheGitServerIsWaitedOut) {
  github_.faults().add({.git_command = sim::GitCommand::ls_refs},
                       sim::Respond{.status = 429, .headers = {{"Retry-After", "1"}}, .body = "slow down"});

  expect_waited("the git server asks to slow down");
}

TEST_F(Limit, ASecondaryLimitOfTheGitServerIsWaitedOutAsTheApis) {
  github_.faults().add({.git_command = sim::GitCommand::fetch},
                       sim::Respond{.status = 403,
                                    .headers = {{"Retry-After", "1"}},
                                    .body = "You have exceeded a secondary rate limit."},
                       2);

  const auto result = backup({"--retries", "0"});

  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.err, HasSubstr("waiting 1 s: the git server asks to slow down"));
  EXPECT_EQ(github_.count(sim::GitCommand::fetch), 3U);
}

TEST_F(Limit, ALimitOfManyHoursOfTheGitServerEndsThatRepository) {
  github_.faults().add(
      {.git_command = sim::GitCommand::ls_refs},
      sim::Respond{.status = 403, .headers = {{"Retry-After", "20000"}}, .body = "slow down"},
      sim::Fault::kForever);

  const auto result = backup();

  EXPECT_EQ(result.exit_code, 1);
  EXPECT_EQ(github_.count(sim::GitCommand::ls_refs), 1U);
  EXPECT_THAT(result.err, AllOf(HasSubstr("minutes to wait, which is too long"), Not(HasSubstr("waiting"))));
}

}  // namespace
}  // namespace hubkeep
