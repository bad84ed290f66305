// Releases and their assets, from the simulated GitHub into a vault.

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <signal.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <random>
#include <set>

#include "base/error.h"
#include "base/text.h"
#include "crypto/hash.h"
#include "e2e/end_to_end.h"
#include "e2e/file_faults.h"
#include "e2e/torture.h"
#include "store/folder/folder_store.h"
#include "vault/object_list.h"
#include "vault/releases_part.h"
#include "vault/vault.h"

namespace hubkeep {
namespace {

using sim::content_of;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

namespace fs = std::filesystem;

constexpr int kNothingDone = 1;
constexpr int kIncomplete = 3;
constexpr int kKilled = 128 + SIGKILL;

/// The releases of a snapshot: what they say, and what their assets hold by "tag/name".
struct KeptReleases {
  std::map<std::string, nlohmann::json> by_tag;
  std::map<std::string, std::string> assets;
  std::string status;
};

class ReleasesOfAnAccount : public EndToEnd {
 protected:
  ReleasesOfAnAccount() {
    keeps_histories_alone_ = false;
    site_ = add_filled("site");
    pushed_long_ago(site_);
  }

  // So long that no file is awaited any more.
  void pushed_long_ago(sim::RepositoryId id) {
    const UtcTime now = world_.now();
    world_.set_time(now - std::chrono::days(30) + std::chrono::seconds(++pushes_));
    world_.pushed(id);
    world_.set_time(now);
  }
  sim::RunResult run(sim::Environment environment = {}) {
    environment.emplace("HUBKEEP_WITHOUT", "all");
    environment.emplace("HUBKEEP_WITH", "releases");
    return backup({}, std::move(environment));
  }
  sim::ReleaseId add_release(const std::string& tag, const std::map<std::string, std::string>& assets,
                             bool is_draft = false) {
    world_.advance(std::chrono::seconds(1));
    const auto id = world_.add_release(site_, {.tag = tag, .body = "notes of " + tag, .draft = is_draft});
    for (const auto& [name, content] : assets)
      world_.add_asset(id, {.name = name, .content = content_of(content)});
    return id;
  }
  sim::AssetId first_asset(sim::ReleaseId id) { return world_.find_release(id)->assets.front().id; }

  KeptReleases kept(const std::string& snapshot = "") {
    const std::string name = snapshot.empty() ? snapshots_of(folder_of(site_)).back() : snapshot;
    Vault opened(std::make_unique<FolderStore>(vault().string(), OpenMode::read), OpenMode::read, clock_);
    const std::string folder = fs::relative(folder_of(site_), vault()).string() + "/";
    const Manifest manifest = opened.read_manifest(folder, *SnapshotId::parse(name), {}, {}).manifest;
    KeptReleases kept;
    const auto part = manifest.parts.find(PartName(kReleasesPart));
    if (part == manifest.parts.end()) return kept;
    kept.status = part->second.status().word();
    std::map<std::string, std::string> names;  // by key
    for (const ObjectRecord& document : releases_part(part->second).documents) {
      StringSink sink;
      opened.objects().read(folder, document, sink, {});
      for (const std::string_view line : split(sink.str(), '\n')) {
        if (line.empty()) continue;
        const auto release = nlohmann::json::parse(line);
        kept.by_tag[release.at("tag_name")] = release;
        for (const auto& asset : release.at("assets"))
          names[asset_key(asset.at("id"))] =
              release.at("tag_name").get<std::string>() + "/" + asset.at("name").get<std::string>();
      }
    }
    visit_objects(part->second, read_lists(opened.objects(), folder, {}), [&](const ObjectRecord& record) {
      if (!names.contains(record.key)) return;
      StringSink sink;
      opened.objects().read(folder, record, sink, {});
      kept.assets[names.at(record.key)] = sink.str();
    });
    return kept;
  }
  std::size_t asked_for_releases() const {
    const auto log = github_.log();
    return static_cast<std::size_t>(std::count_if(log.begin(), log.end(), [](const auto& request) {
      return request.path.find("/releases") != std::string::npos;
    }));
  }
  std::size_t fetched_from_storage() const { return github_.count(sim::RequestKind::media); }

  SystemClock clock_;
  sim::RepositoryId site_ = 0;
};

TEST_F(ReleasesOfAnAccount, AreKeptWithDraftsAndTheNextRunAsksForNone) {
  add_release("v1", {{"a.zip", "content a"}, {"empty", ""}});
  add_release("v2", {{"b.zip", "content b"}});
  add_release("draft", {{"c.zip", "content c"}}, true);

  const auto first = run();

  ASSERT_EQ(first.exit_code, 0) << first.err;
  const KeptReleases all = kept();
  EXPECT_EQ(all.status, "ok");
  EXPECT_EQ(all.by_tag.at("v1").at("body"), "notes of v1");
  EXPECT_EQ(all.by_tag.at("draft").at("draft"), true);
  EXPECT_THAT(all.assets,
              ElementsAre(std::pair("draft/c.zip", "content c"), std::pair("v1/a.zip", "content a"),
                          std::pair("v1/empty", ""), std::pair("v2/b.zip", "content b")));
  EXPECT_EQ(github_.media_host().tokens_seen(), 0U);

  github_.clear_log();
  const auto second = run();

  EXPECT_EQ(second.exit_code, 0) << second.err;
  EXPECT_EQ(asked_for_releases(), 0U);
  EXPECT_EQ(fetched_from_storage(), 0U);
  EXPECT_THAT(snapshots_of(folder_of(site_)), SizeIs(1));
}

TEST_F(ReleasesOfAnAccount, AreTheirRepositorysThoughItsNameBecomesAnothersMeanwhile) {
  add_release("v1", {{"a.zip", "content a"}});
  const auto other = add_filled("other", 7);
  world_.add_asset(world_.add_release(other, {.tag = "theirs"}),
                   {.name = "b.zip", .content = content_of("content b")});
  github_.faults().add({.path = "/releases", .kind = sim::RequestKind::api}, sim::Hook{[&] {
                         world_.rename(site_, "renamed");
                         world_.rename(other, "site");
                       }});

  const auto result =
      backup({"--repo", "octo/site"}, {{"HUBKEEP_WITHOUT", "all"}, {"HUBKEEP_WITH", "releases"}});

  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(kept().assets, ElementsAre(std::pair("v1/a.zip", "content a")));
}

TEST_F(ReleasesOfAnAccount, WithoutAnyCostNoRequestOfTheirOwn) {
  ASSERT_EQ(run().exit_code, 0);

  EXPECT_EQ(asked_for_releases(), 0U);
  EXPECT_EQ(kept().status, "");
}

TEST_F(ReleasesOfAnAccount, ThatAreReplacedOrDeletedStayInOlderSnapshots) {
  const auto v1 = add_release("v1", {{"a.zip", "first"}});
  const auto v2 = add_release("v2", {{"b.zip", "content b"}});
  ASSERT_EQ(run().exit_code, 0);
  world_.replace_asset(first_asset(v2), content_of("second"));
  world_.remove_release(v1);
  github_.clear_log();

  ASSERT_EQ(run().exit_code, 0);

  EXPECT_THAT(kept().assets, ElementsAre(std::pair("v2/b.zip", "second")));
  EXPECT_EQ(fetched_from_storage(), 1U);
  const auto before = kept(snapshots_of(folder_of(site_)).front());
  EXPECT_THAT(before.assets, ElementsAre(std::pair("v1/a.zip", "first"), std::pair("v2/b.zip", "content b")));
}

TEST_F(ReleasesOfAnAccount, AreNoNewsWhenSomebodyDownloadsThem) {
  const auto v1 = add_release("v1", {{"a.zip", "first"}});
  ASSERT_EQ(run().exit_code, 0);
  world_.count_download(first_asset(v1));
  pushed(site_);  // which makes them due

  ASSERT_EQ(run().exit_code, 0);

  EXPECT_THAT(snapshots_of(folder_of(site_)), SizeIs(1));
}

TEST_F(ReleasesOfAnAccount, OfOtherBytesThanGitHubSaysAreNotKept) {
  const auto v1 = add_release("v1", {{"a.zip", "content a"}, {"b.zip", "content b"}});
  world_.edit_asset(first_asset(v1),
                    [](sim::ReleaseAsset& asset) { asset.content = content_of("CONTENT A"); });

  const auto result = run();

  EXPECT_EQ(result.exit_code, kIncomplete) << result.err;
  EXPECT_THAT(result.err, HasSubstr("asset a.zip: it is not what GitHub says that it is"));
  EXPECT_EQ(kept().status, "failed");
  EXPECT_THAT(kept().assets, ElementsAre(std::pair("v1/b.zip", "content b")));

  const auto again = run();
  EXPECT_EQ(again.exit_code, kNothingDone);
  EXPECT_THAT(snapshots_of(folder_of(site_)), SizeIs(1));
}

TEST_F(ReleasesOfAnAccount, OfWhichAnAssetIsRepairedInItsPlaceAreWholeEverywhere) {
  const auto v1 = add_release("v1", {{"a.zip", "content a"}, {"b.zip", "content b"}});
  ASSERT_EQ(run().exit_code, 0);
  const fs::path asset = folder_of(site_) / asset_key(first_asset(v1));
  const auto damage = [&] {
    fs::permissions(asset, fs::perms::owner_all);
    std::ofstream(asset, std::ios::binary) << "CONTENT A";
  };
  const auto verify = [&] {
    return hubkeep({"verify", "--read-data", "--json", "--from", vault().string()});
  };
  const auto damages_in = [](const sim::RunResult& result) {
    return nlohmann::json::parse(result.out).at("repositories").at(0).at("damages");
  };
  damage();
  const auto findings = (scratch_ / "findings.json").string();
  std::ofstream(findings) << verify().out;

  const auto repaired =
      backup({"--repair", findings}, {{"HUBKEEP_WITHOUT", "all"}, {"HUBKEEP_WITH", "releases"}});

  EXPECT_EQ(repaired.exit_code, 0) << repaired.err;
  EXPECT_THAT(repaired.out, Not(HasSubstr("lost for good")));
  EXPECT_THAT(repaired.err,
              HasSubstr(asset_key(first_asset(v1)) + " was lost, and is there again as it was written"));
  EXPECT_THAT(kept().assets,
              ElementsAre(std::pair("v1/a.zip", "content a"), std::pair("v1/b.zip", "content b")));
  const auto verified = verify();
  EXPECT_EQ(verified.exit_code, 0) << verified.err;
  EXPECT_THAT(damages_in(verified), SizeIs(0));
  EXPECT_EQ(run().exit_code, 0);

  damage();
  EXPECT_EQ(damages_in(verify()).at(0).at("accepted"), false);
}

TEST_F(ReleasesOfAnAccount, GoOnWhereTheConnectionBroke) {
  const std::string content = random_bytes(300'000, 1);
  add_release("v1", {{"a.zip", content}});
  github_.faults().add({.kind = sim::RequestKind::media}, sim::CutAfter{100'000});

  const auto result = run();

  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(kept().assets.at("v1/a.zip"), content);
  const auto log = github_.log();
  std::vector<std::uint64_t> sent;
  for (const auto& request : log)
    if (request.kind == sim::RequestKind::media) sent.push_back(request.response_bytes);
  ASSERT_THAT(sent, SizeIs(2));
  EXPECT_LT(sent[1], 300'000U);
}

TEST_F(ReleasesOfAnAccount, AreFetchedOnceWhereverTheProgramIsKilled) {
  const unsigned seed = torture_seed();
  SCOPED_TRACE("SEED=" + std::to_string(seed));
  std::mt19937 random(seed);
  ASSERT_EQ(run().exit_code, 0);  // of the history nothing is left to do
  const unsigned rounds = torture_rounds(25);
  for (unsigned round = 0; round < rounds; ++round) {
    std::map<std::string, std::string> contents;
    for (int i = 0; i < 4; ++i)
      contents[fmt::format("{}.bin", i)] = random_bytes(10'000, static_cast<unsigned>(random()));
    const auto release = add_release(fmt::format("r{}", round), contents);
    std::map<std::string, std::string> names;
    const auto made = world_.find_release(release);
    for (const auto& asset : made->assets) names[std::to_string(asset.id)] = asset.name;
    auto asset = names.begin();
    std::advance(asset, static_cast<long>(random() % names.size()));
    const char* operations[] = {"make", "write", "sync", "rename"};
    const char* actions[] = {"kill-before", "kill-after"};
    const FileFault fault{.object = asset->first,
                          .operation = operations[random() % 4],
                          .call = "1",
                          .action = actions[random() % 2]};
    SCOPED_TRACE(fault.object + " " + fault.operation + " " + fault.action);

    EXPECT_EQ(run(file_fault_environment(vault(), scratch_ / "calls", fault)).exit_code, kKilled);
    std::set<std::string> stored;
    for (const auto& file : fs::recursive_directory_iterator(vault()))
      if (file.path().parent_path().filename() == "assets") stored.insert(file.path().filename().string());
    github_.clear_log();
    const auto result =
        backup({"--stale-after", "0"}, {{"HUBKEEP_WITHOUT", "all"}, {"HUBKEEP_WITH", "releases"}});

    ASSERT_EQ(result.exit_code, 0) << result.err;
    for (const auto& request : github_.log()) {
      const auto at = request.path.find("/assets/");
      const std::string id = at == std::string::npos ? "" : request.path.substr(at + 8);
      EXPECT_FALSE(stored.contains(id)) << request.path;
    }
    const KeptReleases all = kept();
    for (const auto& [name, content] : contents)
      EXPECT_EQ(all.assets.at(fmt::format("r{}/{}", round, name)), content);
    world_.remove_release(release);
  }
}

}  // namespace
}  // namespace hubkeep
