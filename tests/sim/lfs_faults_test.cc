#include "sim/lfs_faults.h"

#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "sim/control_api.h"
#include "sim/lfs_json.h"
#include "sim/sim_fixture.h"
#include "sim/world_json.h"

namespace hubkeep::sim {

namespace {

using nlohmann::json;

constexpr const char* kLfsType = "application/vnd.git-lfs+json";
constexpr const char* kNoObject = "4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393";

class LfsFaultsTest : public SimTest {
 protected:
  ClientResponse batch(const std::vector<LfsObject>& objects) {
    const json body = {{"operation", "download"}, {"objects", lfs_objects_json(objects)}};
    return http_post(github.clone_url(site) + "/info/lfs/objects/batch", body.dump(),
                     {{"Accept", kLfsType}, {"Content-Type", kLfsType}, {"Authorization", "token " + token}});
  }

  json batch_of_two() { return json::parse(batch({first, second}).body); }

  std::string href_of(const LfsObject& object) {
    return json::parse(batch({object}).body)["objects"][0]["actions"]["download"]["href"];
  }

  RepositoryId site = add_filled("site");
  LfsObject first = world.add_lfs_object(site, content_of("the first one"));
  LfsObject second = world.add_lfs_object(site, content_of("the second one"));
};

}  // namespace

TEST_F(LfsFaultsTest, RefuseWholeBatches) {
  github.faults().add(lfs_batches(), lfs_over_quota());
  github.faults().add(lfs_batches(), lfs_too_many_requests(std::chrono::seconds(7)), 1, 1);
  github.faults().add(lfs_batches(), lfs_refusal(507, "No space"), 1, 2);
  github.faults().add(lfs_batches(), lfs_page(), 1, 3);

  const ClientResponse quota = batch({first});
  const ClientResponse rate = batch({first});
  const ClientResponse space = batch({first});
  const ClientResponse page = batch({first});

  EXPECT_EQ(quota.status, 403);
  EXPECT_TRUE(json::parse(quota.body)["message"].get<std::string>().starts_with(
      "This repository is over its data quota."));
  EXPECT_EQ(rate.status, 429);
  EXPECT_EQ(rate.header("Retry-After"), "7");
  EXPECT_EQ(space.status, 507);
  EXPECT_EQ(page.status, 200);
  EXPECT_FALSE(json::accept(page.body));
  EXPECT_EQ(batch({first}).status, 200);
}

TEST_F(LfsFaultsTest, RefuseOneObject) {
  github.faults().add(lfs_batches(), lfs_object_error(second.oid, 410, "gone"));

  const json answer = batch_of_two();

  EXPECT_TRUE(answer["objects"][0].contains("actions")) << answer;
  EXPECT_FALSE(answer["objects"][1].contains("actions")) << answer;
  EXPECT_EQ(answer["objects"][1]["error"], json({{"code", 410}, {"message", "gone"}}));
  EXPECT_FALSE(batch_of_two()["objects"][1].contains("error"));
}

TEST_F(LfsFaultsTest, HitOnlyBatchesThatAskForTheObject) {
  github.faults().add(lfs_batches(second.oid), lfs_refusal(503, "no"));

  EXPECT_EQ(batch({first}).status, 200);
  EXPECT_EQ(batch({first, second}).status, 503);
}

TEST_F(LfsFaultsTest, SayOddThingsOfAnObject) {
  github.faults().add(lfs_batches(), lfs_error_beside_actions(first.oid, 422));
  github.faults().add(lfs_batches(), lfs_other_size(second.oid, 1));
  github.faults().add(lfs_batches(), lfs_other_href(second.oid, "http://127.0.0.1:1/x"));
  github.faults().add(lfs_batches(), lfs_transfer("multipart"));
  github.faults().add(lfs_batches(), lfs_foreign({kNoObject, 3}, "http://127.0.0.1:1/y"));

  const json answer = batch_of_two();

  ASSERT_EQ(answer["objects"].size(), 3U) << answer;
  EXPECT_EQ(answer["objects"][0]["error"]["code"], 422);
  EXPECT_TRUE(answer["objects"][0].contains("actions"));
  EXPECT_EQ(answer["objects"][1]["size"], 1);
  EXPECT_EQ(answer["objects"][1]["actions"]["download"]["href"], "http://127.0.0.1:1/x");
  EXPECT_EQ(answer["objects"][2]["oid"], kNoObject);
  EXPECT_EQ(answer["transfer"], "multipart");
  EXPECT_FALSE(batch_of_two().contains("transfer"));
}

TEST_F(LfsFaultsTest, LeaveObjectsOut) {
  github.faults().add(lfs_batches(), lfs_left_out(first.oid));
  github.faults().add(lfs_batches(), lfs_left_out(""), 1, 1);

  const json without_first = batch_of_two();
  const json without_any = batch_of_two();

  ASSERT_EQ(without_first["objects"].size(), 1U);
  EXPECT_EQ(without_first["objects"][0]["oid"], second.oid);
  EXPECT_TRUE(without_any["objects"].empty());
}

TEST_F(LfsFaultsTest, SpoilTheBytesOfOneObject) {
  github.faults().add(lfs_downloads(first.oid), FlipBit{4, 0});
  github.faults().add(lfs_downloads(first.oid), CutAfter{5}, 1, 1);
  github.faults().add(lfs_downloads(first.oid), EndAfter{5}, 1, 2);

  const std::string other = http_get(href_of(second)).body;
  const std::string flipped = http_get(href_of(first)).body;
  const int cut = http_get(href_of(first)).status;
  const std::string ended = http_get(href_of(first)).body;

  EXPECT_EQ(other, "the second one");
  EXPECT_EQ(flipped, "the girst one");
  EXPECT_EQ(cut, 0);
  EXPECT_EQ(ended, "the f");
  EXPECT_EQ(http_get(href_of(first)).body, "the first one");
}

TEST_F(LfsFaultsTest, TheWorldCanHoldDamagedAndLostObjects) {
  world.lfs().put(site, first.oid, content_of("something else"));
  world.lfs().remove(site, second.oid);

  const json answer = batch_of_two();

  EXPECT_EQ(http_get(answer["objects"][0]["actions"]["download"]["href"]).body, "something else");
  EXPECT_EQ(answer["objects"][0]["size"], 14);
  EXPECT_EQ(answer["objects"][1]["error"]["code"], 404);
}

TEST_F(LfsFaultsTest, GitLfsTellsThemToItsUser) {
  const auto work = folder / "work";
  run_checked({"git", "clone", "--quiet", github.clone_url(site, token), work.string()});
  std::ofstream(work / ".gitattributes") << "*.bin filter=lfs diff=lfs merge=lfs -text\n";
  std::ofstream(work / "first.bin") << lfs_pointer(first);
  git(work, {"add", "--all"});
  git(work, {"commit", "--quiet", "--message", "Pointer"});
  const auto fetch = [&] { return run({"git", "-C", work.string(), "lfs", "fetch", "--all"}); };
  github.faults().add(lfs_batches(), lfs_over_quota());
  github.faults().add(lfs_batches(), lfs_object_error(first.oid, 404, "Object does not exist"), 1, 1);

  const RunResult quota = fetch();
  const RunResult lost = fetch();
  const RunResult whole = fetch();

  EXPECT_NE(quota.err.find("over its data quota"), std::string::npos) << quota.err;
  EXPECT_NE(lost.err.find("does not exist"), std::string::npos) << lost.err;
  EXPECT_EQ(whole.exit_code, 0) << whole.err;
}

TEST_F(LfsFaultsTest, AreOrderedAndObjectsAddedAsJson) {
  ControlApi control(github, 0);
  const std::string url = "http://127.0.0.1:" + std::to_string(control.port());
  const std::string lfs = url + "/repositories/" + std::to_string(site) + "/lfs";
  std::filesystem::create_directories(folder / "objects" / "below");
  std::ofstream(folder / "objects" / "below" / "x") << "from a folder";
  const json sources = {{{"count", 2}, {"size", 1000}, {"seed", 3}},
                        {{"folder", (folder / "objects").string()}}};

  const ClientResponse added = http_post(lfs, sources.dump());
  const json there = json::parse(http_get(lfs).body);
  http_post(url + "/faults", json({{"match", {{"kind", "lfs"}, {"lfs_oid", first.oid}}},
                                   {"action", {{"type", "lfs_error"}, {"oid", first.oid}, {"code", 422}}}})
                                 .dump());
  const json answer = batch_of_two();
  const json log = json::parse(http_get(url + "/log").body);

  EXPECT_EQ(added.status, 201) << added.body;
  const json objects = json::parse(added.body);
  ASSERT_EQ(objects.size(), 3U);
  EXPECT_NE(objects[0], objects[1]);
  EXPECT_EQ(objects[2]["size"], 13);
  EXPECT_EQ(there.size(), 5U);
  EXPECT_EQ(answer["objects"][0]["error"]["code"], 422);
  EXPECT_EQ(log.back()["kind"], "lfs");
  EXPECT_EQ(log.back()["lfs_oids"], json({first.oid, second.oid}));
}

TEST_F(LfsFaultsTest, AWorldOfJsonHasForksThatShareObjects) {
  load_world({{"repositories",
               {{{"owner", "octo"}, {"name", "big"}, {"lfs", {{"count", 3}, {"size", 70}}}},
                {{"owner", "corp"}, {"name", "big"}, {"fork_of", "octo/big"}}}}},
             world);

  const Repository fork = world.find_repository("corp", "big").value();

  EXPECT_TRUE(fork.fork);
  EXPECT_EQ(world.lfs().objects(fork.network).size(), 3U);
}

}  // namespace hubkeep::sim
