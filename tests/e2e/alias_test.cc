// A GitHub with two names: hubkeep is given one, and the server's own links use the other. The token goes
// there only if the user has named it.
#include <fmt/format.h>
#include <gmock/gmock.h>

#include "e2e/end_to_end.h"

namespace hubkeep {
namespace {

using testing::AllOf;
using testing::HasSubstr;

class OtherName : public EndToEnd {
 protected:
  OtherName() : given_(github_.api_url()), other_(fmt::format("localhost:{}", github_.port())) {
    github_.set_public_origin("http://" + other_);
  }

  void add_private(int count) {
    std::filesystem::path shared;
    for (int i = 0; i < count; ++i) {
      const auto id =
          world_.add_repository("octo", fmt::format("r{:03}", i), {.is_private = true, .adopt_path = shared});
      if (i > 0) continue;
      shared = path_of(id);
      sim::make_repository_content(shared, 1, 3, 2);
    }
    world_.advance(std::chrono::hours(1));
  }
  sim::RunResult save(std::vector<std::string> arguments = {}) {
    arguments.insert(arguments.begin(), {"backup", "--api-url", given_, "--to", vault().string()});
    return hubkeep(std::move(arguments), {{"TOKEN_GITHUB", token_}});
  }
  std::vector<std::string> alias() const { return {"--api-alias", other_}; }
  std::size_t asked_there(bool with_token) const {
    std::size_t count = 0;
    for (const auto& request : github_.log())
      count += request.host == other_ && (!request.auth_scheme.empty() == with_token) ? 1 : 0;
    return count;
  }
  void expect_saved(const sim::RunResult& result, int count) {
    EXPECT_EQ(result.exit_code, 0) << result.err;
    EXPECT_THAT(result.out, HasSubstr(fmt::format("{} saved, 0 unchanged, 0 failed", count)));
    EXPECT_GT(asked_there(true), 0U);
  }

  const std::string given_;
  const std::string other_;
};

TEST_F(OtherName, GetsNoTokenUnlessItIsNamed) {
  add_private(101);

  const auto result = save({"--include", "*/r?00"});

  EXPECT_EQ(result.exit_code, 1) << result.out;
  EXPECT_THAT(result.err, AllOf(HasSubstr("leads to http://" + other_), HasSubstr("--api-alias " + other_),
                                HasSubstr("the token was not sent there")));
  EXPECT_EQ(asked_there(true), 0U);
}

TEST_F(OtherName, IsAskedForTheNextPageAndForGitIfItIsNamed) {
  add_private(101);

  auto arguments = alias();
  arguments.insert(arguments.end(), {"--include", "*/r?00"});
  expect_saved(save(std::move(arguments)), 2);
}

TEST_F(OtherName, GetsTheTokenByRedirectsOfTheApiAndOfGit) {
  add_private(1);
  github_.set_public_origin({});
  const std::string there = "http://" + other_;
  github_.faults().add({.path = "^/api/v3/user/repos"},
                       sim::RedirectTo{.status = 307, .location = there + "/api/v3/user/repos?per_page=100"});
  github_.faults().add({.git_command = sim::GitCommand::ls_refs},
                       sim::RedirectTo{.status = 307, .location = there + "/octo/r000.git/git-upload-pack"});

  expect_saved(save(alias()), 1);

  EXPECT_EQ(asked_there(true), 2U);
  EXPECT_EQ(asked_there(false), 0U);
}

TEST_F(OtherName, GetsTheTokenOnTheWayToAZip) {
  add_private(1);
  github_.set_public_origin({});
  github_.faults().add(
      {.path = "^/api/v3/repositories/.*zipball"},
      sim::RedirectTo{.location = "http://" + other_ + "/api/v3/repos/octo/r000/zipball/main"});

  auto arguments = alias();
  arguments.insert(arguments.end(), {"--zip", "--no-git"});
  const auto result = save(std::move(arguments));

  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(asked_there(true), 1U);
}

TEST_F(OtherName, IsOneHostAndPortOnly) {
  add_private(1);

  const auto result = save({"--api-alias", "localhost"});

  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.err, HasSubstr("the token was not sent there"));
  EXPECT_EQ(asked_there(true), 0U);
}

TEST_F(OtherName, MayBeNamedOutsideOfTheFolderOnly) {
  const auto result = shell(fmt::format("echo 'HUBKEEP_API_ALIAS={}' >.env; hubkeep backup", other_),
                            {{"TOKEN_GITHUB", token_}});

  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.err, HasSubstr("HUBKEEP_API_ALIAS in .env"));
}

TEST_F(OtherName, IsNoUrl) {
  const auto result = save({"--api-alias", "http://octo:" + token_ + "@" + other_});

  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.err, HasSubstr("--api-alias is neither HOST nor HOST:PORT"));
  EXPECT_THAT(result.err, testing::Not(HasSubstr(token_)));
}

}  // namespace
}  // namespace hubkeep
