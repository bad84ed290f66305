#include <gtest/gtest.h>
#include <zlib.h>

#include <fstream>

#include "sim/histories.h"
#include "sim/sim_fixture.h"

namespace hubkeep::sim {

namespace {

std::string gzip(const std::string& text) {
  z_stream stream{};
  deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
  std::string out(deflateBound(&stream, static_cast<uLong>(text.size())) + 32, '\0');
  std::string in = text;
  stream.next_in = reinterpret_cast<Bytef*>(in.data());
  stream.avail_in = static_cast<uInt>(in.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

std::string all_refs(const std::filesystem::path& repository) {
  return git(repository, {"for-each-ref"});
}

using GitHttp = SimTest;

}  // namespace

TEST_F(GitHttp, GivesAnyoneAPublicRepositoryWithAllItsRefs) {
  RepositoryId id = add_filled("site");

  run_checked({"git", "clone", "--mirror", github.clone_url(id), (folder / "copy").string()});

  EXPECT_EQ(all_refs(folder / "copy"), all_refs(world.repository(id).path));
  EXPECT_EQ(github.count(GitCommand::info_refs), 1U);
  EXPECT_EQ(github.count(GitCommand::ls_refs), 1U);
  EXPECT_EQ(github.count(GitCommand::fetch), 1U);
}

TEST_F(GitHttp, GivesAPrivateRepositoryToItsTokenOnly) {
  RepositoryOptions options;
  options.is_private = true;
  RepositoryId id = add_filled("secret", options);

  RunResult anonymous = run({"git", "ls-remote", github.clone_url(id)});
  RunResult wrong = run({"git", "ls-remote", github.clone_url(id, "ghp_wrong")});
  RunResult right = run({"git", "ls-remote", github.clone_url(id, token)});

  EXPECT_NE(anonymous.exit_code, 0);
  EXPECT_NE(wrong.exit_code, 0);
  EXPECT_EQ(right.exit_code, 0) << right.err;
  EXPECT_EQ(github.log().back().token_login, "acme");
  EXPECT_EQ(github.log().back().auth_scheme, "Basic");
}

TEST_F(GitHttp, AnswersAStrangersTokenWithNotFound) {
  RepositoryOptions options;
  options.is_private = true;
  RepositoryId id = add_filled("secret", options);
  std::string other = world.add_token("stranger");

  RunResult result = run({"git", "ls-remote", github.clone_url(id, other)});

  EXPECT_NE(result.err.find("not found"), std::string::npos) << result.err;
  EXPECT_EQ(github.log().back().status, 404);
}

TEST_F(GitHttp, PutsTheServiceLineBeforeTheCapabilities) {
  RepositoryId id = add_filled("site");

  ClientResponse response =
      http_get(github.clone_url(id) + "/info/refs?service=git-upload-pack", {{"Git-Protocol", "version=2"}});

  EXPECT_TRUE(response.body.starts_with("001e# service=git-upload-pack\n0000000eversion 2\n"))
      << response.body;
}

TEST_F(GitHttp, TakesAPushAndMovesPushedAt) {
  world.set_time(UtcTime(std::chrono::seconds(1'800'000'000)));
  RepositoryId id = add_filled("site");
  run_checked({"git", "clone", "--quiet", github.clone_url(id, token), (folder / "work").string()});
  world.advance(std::chrono::hours(1));
  git(folder / "work", {"commit", "--quiet", "--allow-empty", "--message", "More"});

  git(folder / "work", {"push", "--quiet", "origin", "main"});

  EXPECT_EQ(tip_of(id), git(folder / "work", {"rev-parse", "HEAD"}));
  EXPECT_EQ(world.repository(id).pushed_at, world.now());
}

TEST_F(GitHttp, TakesALargePush) {
  RepositoryId id = add_filled("site");
  run_checked({"git", "clone", "--quiet", github.clone_url(id, token), (folder / "work").string()});
  std::string noise;
  for (int i = 0; i < 400'000; ++i) noise += std::to_string(i * 7919L % 1'000'003);
  std::ofstream(folder / "work" / "noise") << noise;
  git(folder / "work", {"add", "noise"});
  git(folder / "work", {"commit", "--quiet", "--message", "Noise"});

  git(folder / "work", {"-c", "core.compression=0", "push", "--quiet", "origin", "main"});

  EXPECT_EQ(tip_of(id), git(folder / "work", {"rev-parse", "HEAD"}));
}

TEST_F(GitHttp, RefusesPushesToPullRefs) {
  RepositoryId id = add_filled("site");
  run_checked({"git", "clone", "--quiet", github.clone_url(id, token), (folder / "work").string()});

  RunResult result =
      run({"git", "-C", (folder / "work").string(), "push", "origin", "HEAD:refs/pull/9/head"});

  EXPECT_NE(result.exit_code, 0);
  EXPECT_NE(result.err.find("hidden ref"), std::string::npos) << result.err;
}

TEST_F(GitHttp, LeadsFromAnOldNameToTheNewOne) {
  RepositoryId id = add_filled("site");
  std::string old_url = github.clone_url(id);
  world.rename(id, "pages");

  RunResult result = run({"git", "clone", "--mirror", old_url, (folder / "copy").string()});
  ClientResponse post =
      http_post(old_url + "/git-upload-pack", ls_refs_body(), {{"Git-Protocol", "version=2"}});

  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(post.status, 301);
  EXPECT_EQ(post.header("Location"), github.origin() + "/acme/pages.git/git-upload-pack");
}

TEST_F(GitHttp, ServesSha256Repositories) {
  RepositoryOptions options;
  options.object_format = ObjectFormat::sha256;
  RepositoryId id = add_filled("site", options);

  run_checked({"git", "clone", "--mirror", github.clone_url(id), (folder / "copy").string()});

  EXPECT_EQ(all_refs(folder / "copy"), all_refs(world.repository(id).path));
  EXPECT_EQ(tip_of(id).size(), 64U);
}

TEST_F(GitHttp, ServesAnEmptyRepository) {
  RepositoryId id = world.add_repository("acme", "empty");

  ClientResponse response = git_post(
      id, "0014command=ls-refs\n0017object-format=sha1\n00010009peel\n000csymrefs\n000bunborn\n0000");

  EXPECT_EQ(response.body, "002eunborn HEAD symref-target:refs/heads/main\n0000");
}

TEST_F(GitHttp, ReadsGzippedBodies) {
  RepositoryId id = add_filled("site");

  ClientResponse plain = git_post(id, ls_refs_body());
  ClientResponse zipped = git_post(id, gzip(ls_refs_body()), {{"Content-Encoding", "gzip"}});

  EXPECT_EQ(zipped.status, 200);
  EXPECT_EQ(zipped.body, plain.body);
  EXPECT_EQ(github.log().back().git_command, GitCommand::ls_refs);
  EXPECT_EQ(github.log().back().content_encoding, "gzip");
}

TEST_F(GitHttp, ServesWhatIsNotAdvertised) {
  RepositoryId id = add_filled("site");
  std::string parent = tip_of(id, "refs/heads/main~2");
  world.set_default_branch(id, "topic/side");
  git(world.repository(id).path, {"update-ref", "-d", "refs/heads/main"});

  ClientResponse response = git_post(id, fetch_body(parent));

  EXPECT_NE(response.body.find("PACK"), std::string::npos);
}

TEST_F(GitHttp, SaysWhenAWantedCommitIsGone) {
  RepositoryId id = add_filled("site");

  ClientResponse response = git_post(id, fetch_body(std::string(40, 'a')));

  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.body, "0049ERR upload-pack: not our ref " + std::string(40, 'a'));
}

TEST_F(GitHttp, HasAWikiOnlyAfterItsFirstPage) {
  RepositoryId id = add_filled("site");
  std::string url = github.origin() + "/acme/site.wiki.git";
  std::string with_token = "http://x:" + token + "@" + url.substr(7);

  RunResult before = run({"git", "ls-remote", with_token});
  make_repository_content(world.add_wiki(id), 2, 1, 1);
  RunResult after = run({"git", "ls-remote", url});

  EXPECT_NE(before.err.find("not found"), std::string::npos) << before.err;
  EXPECT_EQ(after.exit_code, 0) << after.err;
}

TEST_F(GitHttp, RefusesWhatIsBlockedOrDisabled) {
  RepositoryId id = add_filled("site");
  auto status = [&] { return git_post(id, ls_refs_body()).status; };

  world.edit(id, [](Repository& repository) { repository.block = Block::dmca; });
  EXPECT_EQ(status(), 451);
  world.edit(id, [](Repository& repository) { repository.block = Block::terms_of_service; });
  EXPECT_EQ(status(), 403);
  world.edit(id, [](Repository& repository) {
    repository.block = Block::none;
    repository.disabled = true;
  });
  EXPECT_EQ(status(), 403);
}

TEST_F(GitHttp, AnnouncesWhatGitHubDoesUnlessToldOtherwise) {
  RepositoryId id = add_filled("site");
  const std::string question = fetch_body(tip_of(id), {"deepen 1"});
  const std::string filtered = fetch_body(tip_of(id), {"filter tree:0"});
  using Announced = std::tuple<std::string, bool, bool>;  // as it says, and whether it does
  const auto announced = [&](GitFeatures features) {
    Simulator server(world, {.git_features = features});
    const std::string path = "/acme/site.git/git-upload-pack";
    const Headers headers = {{"Git-Protocol", "version=2"},
                             {"Content-Type", "application/x-git-upload-pack-request"}};
    const std::string info =
        http_get(server.clone_url(id) + "/info/refs?service=git-upload-pack", {{"Git-Protocol", "version=2"}})
            .body;
    const auto fetch = info.find("fetch=");
    const bool deepens = !http_post(server.origin() + path, question, headers).body.empty();
    const bool filters = !http_post(server.origin() + path, filtered, headers).body.empty();
    return Announced(info.substr(fetch - 4, info.find('\n', fetch) - fetch + 4), deepens, filters);
  };

  EXPECT_EQ(announced({}), Announced("0027fetch=shallow wait-for-done filter", true, true));
  EXPECT_EQ(announced({.filter = false}), Announced("0020fetch=shallow wait-for-done", true, false));
  EXPECT_EQ(announced({.shallow = false}), Announced("0020fetch= wait-for-done filter", false, true));
}

TEST_F(GitHttp, HasHistoriesOfTheShapeAndSizeThatWasAskedFor) {
  const auto expect_commits = [&](const std::string& count, const std::string& name,
                                  const HistoryShape& shape) {
    RepositoryId id = world.add_repository("acme", name);
    const std::filesystem::path path = world.repository(id).path;
    make_history(path, shape);

    git_post(id, fetch_body(tip_of(id)));

    git(path, {"fsck", "--strict"});
    EXPECT_EQ(git(path, {"rev-list", "--count", "--all"}), count);
    EXPECT_GT(github.log().back().pack_bytes, std::stoul(count) * shape.bytes);
    EXPECT_LT(github.log().back().pack_bytes, std::stoul(count) * (shape.bytes + 500));
    return git(path, {"for-each-ref", "--format=%(refname:short)"});
  };

  EXPECT_EQ(expect_commits("30", "line", {.commits = 30, .tags = 2, .has_latest = true}),
            "main\nlatest\nv1.1\nv1.2");
  EXPECT_EQ(expect_commits("45", "merges", {.commits = 30, .merge_every = 5}), "main");
  EXPECT_EQ(expect_commits("302", "wide", {.commits = 300, .bytes = 1000, .lines = 300}), "main");
}

TEST_F(GitHttp, CountsWantsAndHaves) {
  RepositoryId id = add_filled("site");
  run_checked({"git", "clone", "--mirror", github.clone_url(id), (folder / "copy").string()});
  make_repository_content(world.repository(id).path, 3, 7, 4);
  github.clear_log();

  git(folder / "copy", {"fetch", "--quiet"});

  const LoggedRequest last = github.log().back();
  EXPECT_EQ(last.git_command, GitCommand::fetch);
  EXPECT_GT(last.wants, 0U);
  EXPECT_GT(last.haves, 0U);
  EXPECT_GT(last.response_bytes, 0U);
}

}  // namespace hubkeep::sim
