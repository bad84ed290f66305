// Git behind a real web server: nginx, fcgiwrap and the distribution's `git http-backend`.

#include "e2e/web_server.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <algorithm>
#include <fstream>
#include <set>
#include <sstream>

#include "e2e/end_to_end.h"

namespace hubkeep {
namespace {

using testing::AllOf;
using testing::HasSubstr;

/// As many tags, each on a blob of its own: commits would take fast-import ten times as long, and git would
/// write a file for each ref.
void make_tags(const std::filesystem::path& repository, int count) {
  std::string stream;
  for (int i = 0; i < count; ++i) stream += fmt::format("blob\ndata 5\n{:05}\n", i);
  sim::fast_import(repository, stream);
  std::istringstream blobs(
      sim::git(repository, {"cat-file", "--batch-all-objects", "--batch-check=%(objectname)"}));
  std::ofstream refs(repository / "packed-refs");
  refs << "# pack-refs with: peeled fully-peeled sorted \n";
  int number = 0;
  for (std::string blob; std::getline(blobs, blob);)
    refs << fmt::format("{} refs/tags/blob-{:05}\n", blob, number++);
}

class BehindNginx : public EndToEnd {
 protected:
  void SetUp() override {
    if (const auto missing = WebServer::missing_programs(); !missing.empty())
      GTEST_SKIP() << "not installed: " << missing;
    web_.emplace(WebServerOptions{.folder = scratch_ / "nginx",
                                  .repositories = world_.root(),
                                  .api_port = github_.port(),
                                  .token = token_});
    github_.set_public_origin(web_->origin());
  }

  /// Lies where its name in the URL leads; what is there already stays.
  sim::RepositoryId add_at_its_name(const std::string& name, sim::RepositoryOptions options = {}) {
    options.adopt_path = world_.root() / "octo" / (name + ".git");
    return add_repository(name, options);
  }
  sim::RepositoryId add_filled(const std::string& name, unsigned seed, sim::RepositoryOptions options = {}) {
    const auto id = add_at_its_name(name, std::move(options));
    sim::make_repository_content(path_of(id), seed, 5, 3);
    pushed(id);
    return id;
  }
  sim::RepositoryId add_copy(const std::string& name, const std::filesystem::path& original) {
    std::filesystem::copy(original, world_.root() / "octo" / (name + ".git"),
                          std::filesystem::copy_options::recursive);
    return add_at_its_name(name);
  }
  void expect_saved_as_it_is(sim::RepositoryId id) {
    const auto result = backup();
    EXPECT_EQ(result.exit_code, 0) << result.err;
    EXPECT_THAT(result.out, HasSubstr("1 saved, 0 unchanged, 0 failed"));
    const auto name = world_.repository(id).full_name();
    EXPECT_EQ(state_of(restore(name)), state_of(path_of(id)));
    EXPECT_EQ(github_.count(sim::RequestKind::git), 0U);  // nginx has served git
  }
  std::size_t connections() const {
    std::set<std::string> found;
    for (const auto& request : web_->requests()) found.insert(request.connection);
    return found.size();
  }

  std::optional<WebServer> web_;
};

TEST_F(BehindNginx, AHistoryIsSavedIncrementallyAndThroughAForcePush) {
  const auto id = add_filled("site", 1);
  expect_saved_as_it_is(id);

  sim::git(path_of(id), {"update-ref", "refs/heads/main",
                         sim::git(path_of(id), {"commit-tree", "-m", "more", "-p", "main", "main^{tree}"})});
  pushed(id);
  expect_saved_as_it_is(id);

  sim::make_repository_content(path_of(id), 2, 6, 3);
  pushed(id);
  expect_saved_as_it_is(id);

  EXPECT_THAT(backup().out, HasSubstr("0 saved, 1 unchanged, 0 failed"));
}

TEST_F(BehindNginx, ASha256RepositoryIsSaved) {
  expect_saved_as_it_is(add_filled("modern", 1, {.object_format = sim::ObjectFormat::sha256}));
}

TEST_F(BehindNginx, AnEmptyRepositoryIsSaved) {
  expect_saved_as_it_is(add_at_its_name("empty"));
}

TEST_F(BehindNginx, ManyWantsAreSentCompressed) {
  const auto id = add_at_its_name("refs");
  make_tags(path_of(id), 10'000);
  pushed(id);

  expect_saved_as_it_is(id);

  const auto requests = web_->requests();
  const auto fetch = std::find_if(requests.begin(), requests.end(),
                                  [](const WebRequest& request) { return request.encoding == "gzip"; });
  ASSERT_NE(fetch, requests.end());
  EXPECT_THAT(fetch->line, HasSubstr("git-upload-pack"));
  EXPECT_LT(fetch->size, 10'000U * 50);
}

TEST_F(BehindNginx, OneJobKeepsOneConnectionForAllRepositories) {
  for (unsigned i = 0; i < 5; ++i) add_filled(fmt::format("r{}", i), i);

  const auto result = backup({"--jobs", "1"});

  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(web_->requests().size(), 1U + 5 * 2);
  EXPECT_EQ(connections(), 1U);
}

TEST_F(BehindNginx, EightJobsSaveThirtyRepositories) {
  std::vector<sim::RepositoryId> ids;
  ids.push_back(add_filled("r0", 1));
  for (int i = 1; i < 30; ++i) ids.push_back(add_copy(fmt::format("r{}", i), path_of(ids.front())));

  const auto result = backup({"--jobs", "8"});

  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr("30 saved, 0 unchanged, 0 failed"));
  EXPECT_LE(connections(), 8U);
  for (const auto id : {ids.front(), ids.back()})
    EXPECT_EQ(state_of(restore(world_.repository(id).full_name())), state_of(path_of(id)));
}

TEST_F(BehindNginx, WithoutATokenGitSaysThatOneIsWanted) {
  add_filled("site", 1);

  const auto result = backup({"--user", "octo"}, {{"TOKEN_GITHUB", ""}});

  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.err, AllOf(HasSubstr("octo/site: failed"), HasSubstr("set TOKEN_GITHUB")));
}

TEST_F(BehindNginx, ATokenThatGitRefusesIsNamed) {
  add_filled("site", 1);
  const std::string other = world_.add_token("octo");  // nginx does not know it

  const auto result = backup({}, {{"TOKEN_GITHUB", ""}, {"GH_TOKEN", other}});

  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.err, HasSubstr("refused the token from GH_TOKEN for git"));
}

}  // namespace
}  // namespace hubkeep
