// What a restore brings beside a history, by the whole program, with real git and git-lfs: out of a vault
// with a real history into which the other parts are written by hand.

#include <gmock/gmock.h>
#include <signal.h>

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>
#include <random>

#include "crypto/hash.h"
#include "e2e/end_to_end.h"
#include "e2e/file_faults.h"
#include "e2e/future_part.h"
#include "e2e/small_disk.h"
#include "e2e/torture.h"
#include "store/folder/folder_store.h"
#include "vault/lfs_part.h"

namespace hubkeep {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;
using testing::HasSubstr;
using testing::UnorderedElementsAre;

const std::string kSmall = "a small object";
const std::string kLarge = random_bytes(600'000, 7);

std::string pointer_to(const std::string& content) {
  return "version https://git-lfs.github.com/spec/v1\noid sha256:" + sha256_hex(content) + "\nsize " +
         std::to_string(content.size()) + "\n";
}

void write(const fs::path& file, const std::string& text) {
  std::ofstream(file, std::ios::binary | std::ios::trunc) << text;
}

std::string read(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

class RestoreBeside : public EndToEnd {
 protected:
  void SetUp() override {
    id_ = add_filled("site");
    push({{".gitattributes", "*.bin filter=lfs diff=lfs merge=lfs -text\n"},
          // What git-lfs would obey: it must neither leave out files nor ask a server.
          {".lfsconfig", "[lfs]\n\turl = http://127.0.0.1:9/nobody\n\tfetchexclude = *\n"},
          {"large.bin", pointer_to(kLarge)},
          {"small.bin", pointer_to(kSmall)}});
    const auto result = backup();
    ASSERT_EQ(result.exit_code, 0) << result.err;
    plant();
  }

  void push(const std::map<std::string, std::string>& files) {
    std::string commit =
        "commit refs/heads/main\ncommitter A U Thor <author@example.com> 1700000000 +0000\ndata 4\nall\n\n"
        "from refs/heads/main^0\ndeleteall\n";
    for (const auto& [name, content] : files)
      commit +=
          "M 100644 inline " + name + "\ndata " + std::to_string(content.size()) + "\n" + content + "\n";
    sim::fast_import(path_of(id_), commit);
    pushed(id_);
  }

  void plant() {
    FutureVault future(std::make_unique<FolderStore>(vault().string(), OpenMode::write));
    const StoredManifest before = future.newest().front();
    VaultObjects& objects = future.vault().objects();
    KeptLfsObjects kept;
    for (const std::string& content : {kSmall, kLarge}) {
      const ObjectRecord record = future.write(lfs_key(sha256_hex(content)), content);
      kept.emplace(record.sha256, KeptLfs{.size = record.size});
    }
    LfsPart lfs{.pointers = 2, .scanned = {before.manifest.snapshot}};
    lfs.objects =
        store_lfs_objects(objects, future.folder(), "lfs/20261111T000000Z-00000a.list.zst", {}, kept);
    const Json release = {{"id", 1},
                          {"tag_name", "v1"},
                          {"assets", Json::array({{{"id", 11}, {"name", "site.zip"}, {"size", 3}}})}};
    const auto store = [&](const std::string& key, const std::string& content) {
      RecordedWriter writer = objects.create(future.folder(), key);
      writer.write(content);
      return to_json(writer.commit());
    };
    const Json asset = store("releases/assets/11", "zip");
    Json list = store("releases/20261111T000000Z-00000a.list.zst", asset.dump() + "\n");
    list["lists"] = true;
    const Json document = store("releases/20261111T000000Z-00000a.jsonl.zst", release.dump() + "\n");
    // A wiki is a history like the other: here it is the same.
    planted_ = future.plant(before, {.parts = {{"lfs", to_part(lfs)},
                                               {"wiki", before.manifest.parts.at("git")},
                                               {"releases", Part({{"status", "ok"},
                                                                  {"documents", Json::array({document})},
                                                                  {"objects", Json::array({list})}})}}});
    future.tell_catalog(*planted_);
  }

  sim::RunResult restore_with(std::vector<std::string> arguments, sim::Environment environment = {}) {
    arguments.insert(arguments.begin(), "restore");
    arguments.insert(arguments.end(), {"--from", vault().string()});
    return hubkeep(std::move(arguments), std::move(environment));
  }
  fs::path out() const { return scratch_ / "out"; }
  fs::path stored(const std::string& content) const {
    return vault() / lfs_key(sha256_hex(content)).substr(1);
  }
  /// git-lfs with its filters, as `git lfs install` sets them up.
  std::string git_with_lfs(const fs::path& folder, std::vector<std::string> arguments) const {
    std::vector<std::string> all;
    for (const char* setting :
         {"filter.lfs.clean=git-lfs clean -- %f", "filter.lfs.smudge=git-lfs smudge -- %f",
          "filter.lfs.process=git-lfs filter-process", "filter.lfs.required=true"})
      all.insert(all.end(), {"-c", setting});
    all.insert(all.end(), arguments.begin(), arguments.end());
    return sim::git(folder, all);
  }
  void expect_whole() const { expect_whole(out().parent_path()); }
  void expect_whole(const fs::path& place) const {
    const fs::path restored = place / "out";
    EXPECT_EQ(read(restored / "small.bin"), kSmall);
    EXPECT_EQ(read(restored / "large.bin"), kLarge);
    EXPECT_EQ(state_of(restored / ".git"), state_of(world_.repository(id_).path));
    EXPECT_EQ(sim::git(restored, {"status", "--porcelain"}), "");
    EXPECT_EQ(git_with_lfs(restored, {"status", "--porcelain"}), "");
    EXPECT_THAT(git_with_lfs(restored, {"lfs", "fsck"}), HasSubstr("Git LFS fsck OK"));
    EXPECT_EQ(read(place / "out.releases/v1/site.zip"), "zip");
    EXPECT_TRUE(fs::exists(place / "out.releases/v1/release.json"));
    EXPECT_EQ(state_of(place / "out.wiki/.git"), state_of(world_.repository(id_).path));
  }

  sim::RepositoryId id_ = 0;
  std::optional<StoredManifest> planted_;
};

TEST_F(RestoreBeside, BringsEverythingWithItsFiles) {
  const auto result = restore_with({"octo/site", "out"});

  EXPECT_EQ(result.exit_code, 0) << result.err;
  expect_whole();
  EXPECT_EQ(result.out, "out\n");
  EXPECT_THAT(result.err, HasSubstr("octo/site: lfs: 2 objects in "));
  EXPECT_THAT(result.err, HasSubstr("octo/site: releases: 1 file in "));
  EXPECT_EQ(hubkeep({"verify", "--read-data", "--from", vault().string()}).exit_code, 0);
}

TEST_F(RestoreBeside, NeedsNeitherGitNorGitLfs) {
  const auto result = restore_with({"octo/site", "out"}, {{"PATH", "/nonexistent"}});

  EXPECT_EQ(result.exit_code, 0) << result.err;
  expect_whole();
}

TEST_F(RestoreBeside, ComesInPartsAsItIsChosen) {
  EXPECT_EQ(restore_with({"octo/site", "out", "--only", "git"}).exit_code, 0);
  EXPECT_EQ(read(out() / "small.bin"), pointer_to(kSmall));
  EXPECT_FALSE(fs::exists(scratch_ / "out.wiki"));

  const auto lfs = restore_with({"octo/site", "out", "--without", "wiki,releases"});
  EXPECT_EQ(lfs.exit_code, 0) << lfs.err;
  EXPECT_EQ(read(out() / "small.bin"), kSmall);
  EXPECT_FALSE(fs::exists(scratch_ / "out.wiki"));

  const auto rest = restore_with({"octo/site", "out", "--only", "wiki,releases"});
  EXPECT_EQ(rest.exit_code, 0) << rest.err;
  EXPECT_THAT(rest.out, HasSubstr("out.wiki\n"));
  expect_whole();
  EXPECT_EQ(restore_with({"octo/site", "out", "--only", "lsf"}).exit_code, 2);
}

TEST_F(RestoreBeside, OfOneRefBringsNoWikiAndNoReleases) {
  EXPECT_EQ(restore_with({"octo/site", "out", "--ref", "main"}).exit_code, 0);

  EXPECT_EQ(read(out() / "large.bin"), kLarge);
  EXPECT_FALSE(fs::exists(scratch_ / "out.wiki"));
  EXPECT_FALSE(fs::exists(scratch_ / "out.releases"));
}

TEST_F(RestoreBeside, NamesWhatIsDamagedAndGoesOnWhenItIsMended) {
  fs::permissions(stored(kLarge), fs::perms::owner_all);
  std::string damaged = kLarge;
  damaged[300'000] ^= 1;
  write(stored(kLarge), damaged);

  const auto result = restore_with({"octo/site", "out"});

  EXPECT_EQ(result.exit_code, 3);
  EXPECT_THAT(result.err, HasSubstr("lfs: 1 file could not be restored:"));
  EXPECT_THAT(result.err, HasSubstr(sha256_hex(kLarge)));
  EXPECT_EQ(read(out() / "small.bin"), kSmall);
  EXPECT_EQ(read(out() / "large.bin"), pointer_to(kLarge));

  write(stored(kLarge), kLarge);
  const auto again = restore_with({"octo/site", "out"});
  EXPECT_EQ(again.exit_code, 0) << again.err;
  expect_whole();
}

TEST_F(RestoreBeside, KeepsTheHistoryWhereTheDiskIsTooSmallForTheRest) {
  SmallDisk disk(scratch_ / "small", 3 << 20);
  if (!disk.is_mounted()) GTEST_SKIP() << "mounting a small file system needs root";
  std::ofstream(scratch_ / "small/filler") << std::string(1'950'000, 'x');

  const auto result = restore_with({"octo/site", "small/out"});

  EXPECT_EQ(result.exit_code, 3);
  EXPECT_TRUE(fs::exists(scratch_ / "small/out/.gitattributes")) << result.err;
  EXPECT_THAT(result.err, HasSubstr("failed: "));
  disk.resize(64 << 20);
  const auto again = restore_with({"octo/site", "small/out"});
  EXPECT_EQ(again.exit_code, 0) << again.err;
  EXPECT_EQ(read(scratch_ / "small/out/large.bin"), kLarge);
}

// Without git beside it, so that each call is hubkeep's own.
TEST_F(RestoreBeside, IsKilledAnywhereAndTheNextComesToItsEnd) {
  const unsigned seed = torture_seed();
  SCOPED_TRACE("SEED=" + std::to_string(seed));
  std::mt19937 random(seed);
  const fs::path root = scratch_ / "r";
  const fs::path log = scratch_ / "calls";
  const auto restore_anew = [&](const FileFault& fault) {
    fs::remove(log);
    sim::Environment environment = file_fault_environment(root, log, fault);
    environment.emplace("PATH", "/nonexistent");
    return restore_with({"octo/site", (root / "out").string()}, std::move(environment));
  };
  ASSERT_EQ(restore_anew({}).exit_code, 0);
  const std::vector<FileCall> calls = read_file_calls(log);
  ASSERT_GT(calls.size(), 40U);
  unsigned kills = 0;
  for (unsigned round = 0; round < torture_rounds(12); ++round) {
    // In each twelfth of a restore once, from its beginning to its end.
    const std::size_t at = (round % 12 * calls.size() + random() % calls.size()) / 12;
    const auto is_like = [&](const FileCall& each) { return each.operation == calls[at].operation; };
    const auto number =
        std::count_if(calls.begin(), calls.begin() + static_cast<std::ptrdiff_t>(at) + 1, is_like);
    const FileFault fault{.operation = calls[at].operation,
                          .call = std::to_string(number),
                          .action = random() % 2 == 0 ? "kill-before" : "kill-after"};
    SCOPED_TRACE(fault.operation + " " + fault.call + ", " + fault.action + " " + calls[at].path);
    fs::remove_all(root);
    fs::create_directory(root);

    const auto killed = restore_anew(fault);
    // Threads may come to an end with fewer calls of a kind than the time before.
    EXPECT_TRUE(killed.exit_code == 128 + SIGKILL || killed.exit_code == 0) << killed.err;
    kills += killed.exit_code == 0 ? 0 : 1;
    const auto again = restore_anew({});

    ASSERT_EQ(again.exit_code, 0) << again.err;
    expect_whole(root);
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(root)) names.push_back(entry.path().filename().string());
    EXPECT_THAT(names, UnorderedElementsAre("out", "out.releases", "out.wiki"))
        << "nothing is left lying about";
  }
  EXPECT_GE(kills, torture_rounds(12) * 3 / 4);
}

TEST_F(RestoreBeside, IsHadByTheReadmeAsWell) {
  const fs::path target = restore_by_readme(folder_of(id_), planted_->manifest.snapshot.str());
  const std::string readme = read(vault() / "README.txt");
  const auto begin = readme.find("manifest() {");
  const auto beside = readme.find("#begin beside");
  ASSERT_NE(beside, std::string::npos);
  const std::string script = "set -eu\n" + readme.substr(begin, readme.find('\n', begin) + 1 - begin) +
                             readme.substr(beside, readme.find("#end beside") - beside);

  const auto result = sim::run({"sh", "-c", script}, {.env = {{"FOLDER", folder_of(id_).string()},
                                                              {"SNAPSHOT", planted_->manifest.snapshot.str()},
                                                              {"TARGET", target.string()},
                                                              {"VAULT", vault().string()}}});

  EXPECT_EQ(result.exit_code, 0) << result.err;
  const std::string oid = sha256_hex(kLarge);
  EXPECT_EQ(read(target / "lfs/objects" / oid.substr(0, 2) / oid.substr(2, 2) / oid), kLarge);
  EXPECT_EQ(read(target.string() + ".releases/11"), "zip");
  EXPECT_THAT(read(target.string() + ".releases/releases.jsonl"), HasSubstr("\"v1\""));
}

}  // namespace
}  // namespace hubkeep
