#include "vault/releases_part.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "base/clock.h"
#include "base/error.h"
#include "base/scratch_folder.h"
#include "store/folder/folder_store.h"

namespace hubkeep {
namespace {

constexpr const char* kFolder = "repos/github.com/acme/site.1/";

ObjectRecord record(const std::string& key) {
  return {.key = key, .size = 3, .sha256 = std::string(64, 'a'), .encoding = "identity", .crc32 = 7};
}

TEST(ReleasesPart, StandsInTheManifestAsItIsRead) {
  const ReleasesPart part{.status = PartStatus::partial,
                          .releases = 2,
                          .documents = {record("releases/a.jsonl.zst")},
                          .objects = {record("releases/a.list.zst"), record("releases/b.list.zst")},
                          .cursor = record("releases/a.cursor.zst"),
                          .etag = "\"x\"",
                          .per_page = 20,
                          .is_cut_by_limit = true,
                          .pending = 3};

  EXPECT_EQ(releases_part(to_part(part)), part);
  EXPECT_EQ(releases_part(to_part({})), ReleasesPart{});
  EXPECT_EQ(to_part(part).json().at("objects").at(0).at("lists"), true);
  EXPECT_FALSE(to_part({}).json().contains("pending"));
}

TEST(ReleasesPart, ThatFailedAtOnceHasAStatusAlone) {
  EXPECT_EQ(releases_part(Part(nlohmann::ordered_json{{"status", "failed"}})).status, PartStatus::failed);
}

TEST(ReleasesPart, OfAnotherKindIsRefused) {
  EXPECT_THROW(releases_part(Part(nlohmann::ordered_json{{"status", "ok"}, {"releases", "many"}})), Error);
  EXPECT_THROW(releases_part(Part(nlohmann::ordered_json{{"status", "ok"}, {"documents", {1}}})), Error);
}

TEST(ReleasesCursor, IsReadAsItIsWritten) {
  ScratchFolder folder;
  VaultObjects objects(std::make_unique<FolderStore>(folder.path().string(), OpenMode::create));
  const ReleaseAsset asset{.id = 5, .release = 7, .name = "a.zip", .size = 3, .sha256 = std::string(64, 'b')};
  ReleasesCursor cursor;
  cursor.hashes = {{7, "x"}, {8, "y"}};
  cursor.lacking.emplace(5, LackingAsset{.asset = asset,
                                         .why = AssetLack::missing,
                                         .message = "gone",
                                         .since = *parse_time("2026-11-29T10:00:00Z")});
  ReleaseAsset open = asset;
  open.id = 6;
  open.is_uploaded = false;
  cursor.lacking.emplace(6, LackingAsset{.asset = open, .why = AssetLack::not_uploaded, .message = ""});

  const ObjectRecord stored =
      write_releases_cursor(objects, kFolder, "releases/20261129T100000Z-00000a.cursor.zst", cursor);

  EXPECT_EQ(read_releases_cursor(objects, kFolder, stored, {}), cursor);
}

const nlohmann::ordered_json kRelease = {
    {"id", 7},
    {"body", "text"},
    {"author", {{"id", 1}, {"login", "octocat"}, {"avatar_url", "https://a.test/1"}}},
    {"assets",
     {{{"id", 5},
       {"name", "a.zip"},
       {"download_count", 3},
       {"uploader", {{"id", 1}, {"login", "octocat"}, {"avatar_url", "https://a.test/1"}}}}}}};

TEST(HashOfRelease, DoesNotChangeWithWhatIsNoNews) {
  nlohmann::ordered_json release = kRelease;
  release["assets"][0]["download_count"] = 4;
  release["author"]["avatar_url"] = "https://a.test/2";
  release["assets"][0]["uploader"]["avatar_url"] = "https://a.test/2";

  EXPECT_EQ(hash_of_release(release.dump(1)), hash_of_release(kRelease.dump()));
}

TEST(HashOfRelease, ChangesWithAllElse) {
  const std::string before = hash_of_release(kRelease.dump());
  const auto hash_after = [](auto change) {
    nlohmann::ordered_json release = kRelease;
    change(release);
    return hash_of_release(release.dump());
  };

  EXPECT_NE(hash_after([](auto& r) { r["body"] = "other"; }), before);
  EXPECT_NE(hash_after([](auto& r) { r["reactions"] = {{"heart", 1}}; }), before);
  EXPECT_NE(hash_after([](auto& r) { r["author"]["login"] = "hubot"; }), before);
  EXPECT_NE(hash_after([](auto& r) { r["assets"][0]["name"] = "b.zip"; }), before);
  EXPECT_NE(hash_after([](auto& r) { r["assets"] = nlohmann::ordered_json::array(); }), before);
  EXPECT_THROW(hash_of_release("[]"), Error);
}

}  // namespace
}  // namespace hubkeep
