#include "vault/losses.h"
#include "vault/loss_check.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "base/error.h"
#include "base/scratch_folder.h"
#include "store/folder/folder_store.h"

namespace hubkeep {
namespace {

SnapshotId snapshot(int day) {
  return *SnapshotId::parse("202611" + std::to_string(10 + day) + "T000000Z-00000a");
}

CatalogEntry entry(std::int64_t id, std::vector<CatalogSnapshot> newest) {
  CatalogEntry made{.host = "github.com",
                    .id = id,
                    .folder = "repos/github.com/acme/site." + std::to_string(id) + "/",
                    .newest = std::move(newest)};
  made.listing.full_name = "acme/site";
  made.listing.visibility = "internal";
  return made;
}

HostState remembering(std::int64_t id, std::vector<PreviousSnapshot> newest) {
  HostState state{.host = "github.com", .vault = "v"};
  state.repositories[id] = {.name = "acme/site", .folder = entry(id, {}).folder, .newest = std::move(newest)};
  return state;
}

TEST(RememberSnapshots, TakesWhatTheCatalogOfItsHostNames) {
  Catalog catalog;
  catalog[{"github.com", 1}] = entry(1, {{snapshot(1), "a"}, {snapshot(2), "b"}});
  catalog[{"github.com", 2}] = entry(2, {});  // only zips
  catalog[{"example.com", 3}] = entry(3, {{snapshot(1), "a"}});
  catalog[{"example.com", 3}].host = "example.com";
  HostState state{.host = "github.com", .vault = "v"};

  remember_snapshots(state, catalog);

  ASSERT_EQ(state.repositories.size(), 1U);
  const RepositoryState& known = state.repositories.at(1);
  EXPECT_EQ(known.name, "acme/site");
  EXPECT_EQ(known.folder, entry(1, {}).folder);
  EXPECT_TRUE(known.is_private);
  EXPECT_EQ(known.newest, (std::vector<PreviousSnapshot>{{snapshot(1), "a"}, {snapshot(2), "b"}}));
}

TEST(RememberSnapshots, FollowsWhatRunsTellTheCatalog) {
  RepositoryState known;
  const CatalogUpdate first{.entry = entry(1, {{snapshot(1), "a"}}), .has_new_snapshot = true};
  const CatalogUpdate at_once{.entry = entry(1, {{snapshot(2), "b"}}), .has_new_snapshot = true};
  const CatalogUpdate after{.entry = entry(1, {{snapshot(3), "c"}}),
                            .supersedes = {snapshot(1), snapshot(2)},
                            .has_new_snapshot = true};

  remember_snapshots(known, first);
  remember_snapshots(known, at_once);
  EXPECT_EQ(known.newest, (std::vector<PreviousSnapshot>{{snapshot(1), "a"}, {snapshot(2), "b"}}));
  remember_snapshots(known, after);
  EXPECT_EQ(known.newest, (std::vector<PreviousSnapshot>{{snapshot(3), "c"}}));
  remember_snapshots(known, {.entry = entry(1, {{snapshot(2), "b"}})});
  remember_snapshots(known, {.entry = entry(1, {})});
  EXPECT_EQ(known.newest.size(), 1U) << "what is no new snapshot is none";
}

TEST(RecallSnapshots, AddsToTheCatalogWhatOnlyTheStateNames) {
  Catalog catalog;
  catalog[{"github.com", 1}] = entry(1, {{snapshot(1), "a"}});
  catalog[{"github.com", 1}].locked_until = UtcTime{};

  recall_snapshots(catalog, remembering(1, {{snapshot(1), "a"}}));
  EXPECT_TRUE(catalog.at({"github.com", 1}).locked_until.has_value()) << "nothing new";
  recall_snapshots(catalog, remembering(1, {{snapshot(2), "b"}}));
  recall_snapshots(catalog, remembering(2, {{snapshot(3), "c"}}));
  recall_snapshots(catalog, remembering(3, {}));

  ASSERT_EQ(catalog.size(), 2U);
  const CatalogEntry& known = catalog.at({"github.com", 1});
  ASSERT_EQ(known.newest.size(), 2U);
  EXPECT_EQ(known.newest.back(), (CatalogSnapshot{snapshot(2), "b", {}}));
  EXPECT_FALSE(known.locked_until.has_value());
  EXPECT_EQ(catalog.at({"github.com", 2}).folder, entry(2, {}).folder);
  EXPECT_EQ(catalog.at({"github.com", 2}).listing.full_name, "acme/site");
}

TEST(LossDetail, SaysTheKeyOnce) {
  EXPECT_EQ(loss_detail({ErrorKind::not_found, "there is no object a/b"}, "a/b"), "is missing");
  EXPECT_EQ(loss_detail({ErrorKind::corrupt, "a/b is not what was written"}, "a/b"),
            "is not what was written");
  EXPECT_EQ(loss_detail({ErrorKind::corrupt, "a/b: no JSON"}, "a/b"), "is damaged: no JSON");
  EXPECT_EQ(loss_detail({ErrorKind::corrupt, "zstd"}, "a/b"), "is damaged: zstd");
}

class IsBack : public testing::Test {
 protected:
  bool is_back(const Loss& loss) { return hubkeep::is_back(vault_, loss, {}); }
  void put(const ObjectKey& key, const std::string& bytes) {
    std::filesystem::create_directories((folder_.path() / key).parent_path());
    std::ofstream(folder_.path() / key) << bytes;
  }

  ScratchFolder folder_;
  SystemClock clock_;
  Vault vault_{std::make_unique<FolderStore>(folder_.path().string(), OpenMode::create), OpenMode::create,
               clock_};
};

TEST_F(IsBack, WhatHasTheSizeThatWasWrittenAndTheHashWhereThatIsKnown) {
  const std::string sha256 = sha256_hex("four");
  EXPECT_FALSE(is_back({.key = "repos/a/b.bundle", .size = 4}));
  put("repos/a/b.bundle", "FOUR");

  EXPECT_TRUE(is_back({.key = "repos/a/b.bundle"}));
  EXPECT_TRUE(is_back({.key = "repos/a/b.bundle", .size = 4}));
  EXPECT_FALSE(is_back({.key = "repos/a/b.bundle", .size = 5}));
  EXPECT_FALSE(is_back({.key = "repos/a/b.bundle", .size = 4, .sha256 = sha256}));
  put("repos/a/b.bundle", "four");
  EXPECT_TRUE(is_back({.key = "repos/a/b.bundle", .size = 4, .sha256 = sha256}));
}

TEST_F(IsBack, AManifestThatCanBeReadAndIsTheOneThatWasNamed) {
  const std::string folder = "repos/github.com/acme/site.1/";
  Manifest manifest{.snapshot = snapshot(1), .program = "test", .host = "github.com", .repository_id = 1};
  const std::string sha256 = vault_.write_manifest(folder, manifest);
  const ObjectKey key = folder + manifest_key(snapshot(1));

  EXPECT_TRUE(is_back({.key = key}));
  EXPECT_TRUE(is_back({.key = key, .sha256 = sha256}));
  EXPECT_FALSE(is_back({.key = key, .sha256 = std::string(64, '0')}));
  put(key, "damaged");
  EXPECT_FALSE(is_back({.key = key}));
  std::filesystem::remove(folder_.path() / key);
  EXPECT_FALSE(is_back({.key = key}));
}

TEST_F(IsBack, NeverAState) {
  put("state/github.com.jsonl.zst", "begun anew");

  EXPECT_FALSE(is_back({.key = "state/github.com.jsonl.zst"}));
}

}  // namespace
}  // namespace hubkeep
