#include "sim/lfs.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <httplib.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "sim/sim_fixture.h"

namespace hubkeep::sim {

namespace {

using nlohmann::json;

constexpr const char* kLfsType = "application/vnd.git-lfs+json";
constexpr const char* kNoObject = "4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393";

void write_file(const std::filesystem::path& file, const std::string& text) {
  std::ofstream(file, std::ios::binary) << text;
}

int http_put(const std::string& url, const std::string& body) {
  const auto path = url.find('/', url.find("://") + 3);
  httplib::Client client(url.substr(0, path));
  const auto result = client.Put(url.substr(path), body, "application/octet-stream");
  return result ? result->status : 0;
}

class LfsTest : public SimTest {
 protected:
  /// A work tree that pushes to the repository and tracks *.bin.
  std::filesystem::path clone(RepositoryId id, const std::string& name) {
    const auto path = folder / name;
    run_checked({"git", "clone", "--quiet", github.clone_url(id, token), path.string()});
    git(path, {"lfs", "install", "--local"});
    git(path, {"lfs", "track", "*.bin"});
    return path;
  }

  void commit(const std::filesystem::path& work, const std::string& message) {
    git(work, {"add", "--all"});
    git(work, {"commit", "--quiet", "--message", message});
  }

  ClientResponse batch(RepositoryId id, const std::vector<LfsObject>& objects,
                       const std::string& operation = "download") {
    json asked = json::array();
    for (const LfsObject& object : objects) asked.push_back({{"oid", object.oid}, {"size", object.size}});
    return batch_body(id, {{"operation", operation}, {"transfers", {"basic"}}, {"objects", asked}});
  }

  ClientResponse batch_body(RepositoryId id, const json& body, const std::string& as = "ghp_secret") {
    Headers headers = {{"Accept", kLfsType}, {"Content-Type", kLfsType}};
    if (!as.empty()) headers.emplace_back("Authorization", "token " + as);
    return http_post(github.clone_url(id) + "/info/lfs/objects/batch", body.dump(), headers);
  }

  json first_answer(RepositoryId id, const LfsObject& object) {
    return json::parse(batch(id, {object}).body).at("objects").at(0);
  }

  std::string href_of(RepositoryId id, const LfsObject& object) {
    return first_answer(id, object).at("actions").at("download").at("href");
  }

  LfsTraffic traffic_of(const LfsObject& object) { return lfs_traffic(github.log())[object.oid]; }

  RepositoryId site = add_filled("site");
  LfsObject thing = world.add_lfs_object(site, content_of("a large file"));
};

}  // namespace

TEST_F(LfsTest, TakesWhatGitLfsPushesAndGivesItBack) {
  RepositoryOptions options;
  options.is_private = true;
  const RepositoryId id = add_filled("media", options);
  const auto work = clone(id, "work");
  write_file(work / "one.bin", std::string(300'000, 'x'));
  commit(work, "One");
  write_file(work / "one.bin", "the second version");
  write_file(work / "empty.bin", "");
  commit(work, "Two");

  git(work, {"push", "--quiet", "origin", "main"});
  git(work, {"lfs", "push", "--all", "origin"});
  const auto copy = folder / "copy";
  run_checked({"git", "clone", "--quiet", "--mirror", github.clone_url(id, token), copy.string()});
  git(copy, {"lfs", "fetch", "--all"});
  const RunResult checked = run({"git", "-C", copy.string(), "lfs", "fsck"});

  EXPECT_EQ(checked.exit_code, 0) << checked.out << checked.err;
  EXPECT_EQ(world.lfs().objects(id).size(), 2U);
  for (const LfsObject& object : world.lfs().objects(id)) {
    EXPECT_TRUE(std::filesystem::exists(copy / "lfs" / "objects" / object.oid.substr(0, 2) /
                                        object.oid.substr(2, 2) / object.oid));
    EXPECT_EQ(traffic_of(object).uploads, 1U);
    EXPECT_EQ(traffic_of(object).downloads, 1U);
    EXPECT_EQ(traffic_of(object).bytes, object.size);
  }
  EXPECT_EQ(github.media_host().tokens_seen(), 0U);
}

TEST_F(LfsTest, DoesNotWantWhatItHas) {
  const json answer = json::parse(batch(site, {thing}, "upload").body);
  const json other = json::parse(batch(site, {{kNoObject, 5}}, "upload").body);

  EXPECT_FALSE(answer["objects"][0].contains("actions")) << answer;
  EXPECT_TRUE(other["objects"][0]["actions"].contains("upload")) << other;
  EXPECT_TRUE(other["objects"][0]["actions"].contains("verify")) << other;
}

TEST_F(LfsTest, TakesAnUploadOfTheRightBytesAndVerifiesIt) {
  const LfsObject small{"2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824", 5};  // "hello"
  const json actions = json::parse(batch(site, {small}, "upload").body)["objects"][0]["actions"];
  const std::string verify = actions["verify"]["href"];
  const auto verified = [&](std::uint64_t size) {
    return http_post(verify, json{{"oid", small.oid}, {"size", size}}.dump(), {{"Content-Type", kLfsType}})
        .status;
  };

  const int before = verified(5);
  const int wrong = http_put(actions["upload"]["href"], "hallo");
  const int right = http_put(actions["upload"]["href"], "hello");

  EXPECT_EQ(before, 404);
  EXPECT_EQ(wrong, 400);
  EXPECT_EQ(right, 200);
  EXPECT_EQ(verified(5), 200);
  EXPECT_EQ(verified(6), 422);
  EXPECT_EQ(http_get(href_of(site, small)).body, "hello");
}

TEST_F(LfsTest, FindsARepositoryByItsOldName) {
  const std::string url = github.clone_url(site) + "/info/lfs/objects/batch";
  world.rename(site, "pages");

  const ClientResponse response = http_post(url, R"({"operation": "download", "objects": []})",
                                            {{"Accept", kLfsType}, {"Content-Type", kLfsType}});

  EXPECT_EQ(response.status, 200);
}

TEST_F(LfsTest, RefusesBlockedRepositories) {
  const json body = {{"operation", "download"}, {"objects", json::array()}};
  world.edit(site, [](Repository& repository) { repository.block = Block::dmca; });
  const int dmca = batch_body(site, body).status;
  world.edit(site, [](Repository& repository) { repository.block = Block::terms_of_service; });
  const int terms = batch_body(site, body).status;

  EXPECT_EQ(dmca, 451);
  EXPECT_EQ(terms, 403);
}

TEST_F(LfsTest, LeadsToTheMediaHost) {
  const json answer = first_answer(site, thing);
  const std::string href = answer["actions"]["download"]["href"];

  const ClientResponse whole = http_get(href);
  const ClientResponse part = http_get(href, {{"Range", "bytes=2-"}});

  EXPECT_EQ(answer["size"], thing.size);
  EXPECT_TRUE(href.starts_with(github.media_host().origin() + "/")) << href;
  EXPECT_EQ(answer["actions"]["download"]["expires_in"], 3600);
  EXPECT_EQ(whole.body, "a large file");
  EXPECT_EQ(part.status, 206);
  EXPECT_EQ(part.body, "large file");
  EXPECT_EQ(http_get(href, {{"Authorization", "Bearer " + token}}).status, 400);
  EXPECT_EQ(traffic_of(thing).asked, 1U);
  EXPECT_EQ(traffic_of(thing).downloads, 2U);
  EXPECT_EQ(traffic_of(thing).bytes, 22U);
  EXPECT_EQ(github.count(RequestKind::lfs), 1U);
  EXPECT_EQ(github.count(RequestKind::git), 0U);
}

TEST_F(LfsTest, ForksShareObjectsAndOthersDoNot) {
  RepositoryOptions options;
  options.fork_of = site;
  const RepositoryId fork = world.add_repository("other", "site", options);
  const RepositoryId stranger = add_filled("stranger");

  const json in_fork = first_answer(fork, thing);
  const json in_stranger = first_answer(stranger, thing);

  EXPECT_TRUE(world.repository(fork).fork);
  EXPECT_TRUE(in_fork.contains("actions")) << in_fork;
  EXPECT_EQ(in_stranger["error"]["code"], 404);
  EXPECT_FALSE(in_stranger.contains("actions")) << in_stranger;
}

TEST_F(LfsTest, HidesWhatATokenMayNotSee) {
  RepositoryOptions options;
  options.is_private = true;
  const RepositoryId secret = add_filled("secret", options);
  world.add_token("stranger", "ghp_stranger");
  const json body = {{"operation", "download"}, {"objects", json::array()}};

  const ClientResponse anonymous = batch_body(secret, body, "");
  const ClientResponse wrong = batch_body(secret, body, "ghp_wrong");
  const ClientResponse stranger = batch_body(secret, body, "ghp_stranger");

  EXPECT_EQ(anonymous.status, 401);
  EXPECT_EQ(anonymous.header("LFS-Authenticate"), "Basic realm=\"GitHub\"");
  EXPECT_EQ(wrong.status, 401);
  EXPECT_EQ(stranger.status, 404);
  EXPECT_EQ(json::parse(stranger.body)["message"], "Not Found");
  EXPECT_EQ(batch_body(secret, body).status, 200);
  EXPECT_EQ(batch_body(site, body, "").status, 200);
}

TEST_F(LfsTest, RefusesUploadsOfThoseWhoMayNotWrite) {
  world.add_token("stranger", "ghp_stranger");
  const json body = {{"operation", "upload"}, {"objects", json::array()}};

  EXPECT_EQ(batch_body(site, body, "").status, 401);
  EXPECT_EQ(batch_body(site, body, "ghp_stranger").status, 403);
  EXPECT_EQ(batch_body(site, body).status, 200);
}

TEST_F(LfsTest, RefusesWhatIsNoBatch) {
  const std::vector<LfsObject> most(100, thing);
  const std::vector<LfsObject> more(101, thing);
  const std::string url = github.clone_url(site) + "/info/lfs/objects/batch";

  EXPECT_EQ(batch(site, most).status, 200);
  EXPECT_EQ(batch(site, more).status, 413);
  EXPECT_EQ(batch(site, {thing}, "sideways").status, 422);
  EXPECT_EQ(batch_body(site, json::array()).status, 422);
  EXPECT_EQ(batch_body(site, {{"operation", "download"}, {"objects", {{{"oid", 5}}}}}).status, 422);
  EXPECT_EQ(batch_body(site, {{"operation", "download"}, {"hash_algo", "sha512"}, {"objects", json::array()}})
                .status,
            409);
  EXPECT_EQ(http_post(url, "{}", {{"Content-Type", "application/json"}}).status, 406);
  EXPECT_EQ(first_answer(site, {"../../etc/passwd", 1})["error"]["code"], 422);
}

TEST_F(LfsTest, AddressesExpire) {
  world.set_time(UtcTime(std::chrono::seconds(1'800'000'000)));
  github.lfs().set({.address_life = {std::chrono::minutes(10), 2}});
  const std::string early = href_of(site, thing);
  const std::string often = href_of(site, thing);

  world.advance(std::chrono::minutes(9));
  const int in_time = http_get(early).status;
  const int first = http_get(often).status;
  const int second = http_get(often).status;
  const int third = http_get(often).status;
  world.advance(std::chrono::minutes(1));

  EXPECT_EQ(in_time, 200);
  EXPECT_EQ(first, 200);
  EXPECT_EQ(second, 200);
  EXPECT_EQ(third, 403);
  EXPECT_EQ(http_get(early).status, 403);
}

TEST_F(LfsTest, TheMediaHostCanWantAHeader) {
  github.lfs().set({.download_header = {{"X-Ticket", "7"}}});
  const json download = first_answer(site, thing)["actions"]["download"];

  const int without = http_get(download["href"]).status;
  const int with = http_get(download["href"], {{"X-Ticket", "7"}}).status;

  EXPECT_EQ(download["header"], json({{"X-Ticket", "7"}}));
  EXPECT_EQ(without, 403);
  EXPECT_EQ(with, 200);
}

TEST_F(LfsTest, GitLfsSendsTheHeaderThatItIsTold) {
  github.lfs().set({.download_header = {{"X-Ticket", "7"}}});
  const auto work = clone(site, "work");
  write_file(work / "thing.bin", "a large file");
  commit(work, "Thing");
  git(work, {"push", "--quiet", "origin", "main"});

  run_checked(
      {"git", "clone", "--quiet", "--mirror", github.clone_url(site, token), (folder / "copy").string()});
  git(folder / "copy", {"lfs", "fetch", "--all"});

  EXPECT_EQ(traffic_of(thing).downloads, 1U);
  EXPECT_EQ(traffic_of(thing).uploads, 0U);  // it was there
}

TEST_F(LfsTest, SendsTenGigabytesThatNobodyHolds) {
  constexpr std::uint64_t kSize = 10'000'000'000;
  world.lfs().put(site, kNoObject, repeating_content("0123456789", kSize));

  const ClientResponse tail = http_get(href_of(site, {kNoObject, kSize}), {{"Range", "bytes=9999999995-"}});

  EXPECT_EQ(tail.status, 206);
  EXPECT_EQ(tail.body, "56789");
  EXPECT_EQ(tail.header("Content-Range"), "bytes 9999999995-9999999999/10000000000");
}

}  // namespace hubkeep::sim
