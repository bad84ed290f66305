// What a vault has lost or what was changed in it: nothing is built on it, and the rest stays of use.

#include <gmock/gmock.h>

#include <fstream>

#include "e2e/end_to_end.h"

namespace hubkeep {
namespace {

using testing::HasSubstr;

namespace fs = std::filesystem;

class VaultDamage : public EndToEnd {
 protected:
  VaultDamage() {
    id_ = add_repository("site");
    sim::make_repository_content(path_of(id_), 3, 10, 5);
    pushed(id_);
    EXPECT_EQ(backup().exit_code, 0);
  }

  void push(const std::string& message) {
    const auto commit = sim::git(path_of(id_), {"commit-tree", "-m", message, "-p", "main", "main^{tree}"});
    sim::git(path_of(id_), {"update-ref", "refs/heads/main", commit});
    pushed(id_);
  }

  // The only object of that kind, or the oldest.
  fs::path object(const std::string& folder, const std::string& ending) {
    fs::path oldest;
    for (const auto& file : fs::directory_iterator(folder_of(id_) / folder)) {
      if (!file.path().string().ends_with(ending)) continue;
      if (oldest.empty() || file.path() < oldest) oldest = file.path();
    }
    return oldest;
  }

  void flip_a_bit(const fs::path& file) {
    std::fstream stream(file, std::ios::in | std::ios::out | std::ios::binary);
    stream.seekg(-8, std::ios::end);
    const int byte = stream.get();
    stream.seekp(-8, std::ios::end);
    stream.put(static_cast<char>(byte ^ 4));
  }

  void expect_whole_again(const sim::RunResult& result) {
    EXPECT_EQ(result.exit_code, 3) << result.err;
    EXPECT_THAT(result.err, HasSubstr("everything is fetched again"));
    EXPECT_THAT(result.out, HasSubstr("octo/site: 1 object that the vault had is lost or damaged"));
    EXPECT_EQ(state_of(restore("octo/site")), state_of(path_of(id_)));
    EXPECT_EQ(state_of(restore_by_readme(folder_of(id_), snapshots_of(folder_of(id_)).back())),
              state_of(path_of(id_)));
  }

  sim::RepositoryId id_ = 0;
};

TEST_F(VaultDamage, NothingIsBuiltOnABundleThatIsLost) {
  fs::remove(object("git", ".bundle"));
  push("after the loss");

  expect_whole_again(backup());
}

TEST_F(VaultDamage, NothingIsBuiltOnABundleThatIsCutShort) {
  fs::resize_file(object("git", ".bundle"), 300);
  push("after the loss");

  expect_whole_again(backup());
}

TEST_F(VaultDamage, DamagedRefsAreNamedAndDoNotStopTheBackup) {
  flip_a_bit(object("git", ".refs.zst"));
  push("after the damage");

  const auto result = backup();

  EXPECT_THAT(result.err, HasSubstr(".refs.zst"));
  expect_whole_again(result);
}

TEST_F(VaultDamage, ALostCatalogIsWrittenAgainEvenWhenNothingChanged) {
  fs::remove(vault() / "catalog.jsonl.zst");

  const auto first = backup();
  const auto second = backup();

  EXPECT_THAT(first.err, HasSubstr("the catalog is missing: it is made again"));
  EXPECT_THAT(second.err, testing::Not(HasSubstr("the catalog is missing")));
}

TEST_F(VaultDamage, ADamagedManifestIsListedAndAnOlderSnapshotRestored) {
  const std::string before = state_of(path_of(id_));
  push("the second");
  ASSERT_EQ(backup().exit_code, 0);
  const auto ids = snapshots_of(folder_of(id_));
  flip_a_bit(folder_of(id_) / "snapshots" / (ids.back() + ".json.zst"));

  const auto listed = hubkeep({"list", "octo/site", "--from", vault().string()});
  const auto restored = hubkeep({"restore", "octo/site", "older", "--bare", "--from", vault().string()});
  const auto named =
      hubkeep({"restore", "octo/site", "named", "--at", ids.back(), "--from", vault().string()});

  EXPECT_EQ(listed.exit_code, 0);
  EXPECT_THAT(listed.out, HasSubstr(ids.back() + "  damaged"));
  EXPECT_THAT(listed.out, HasSubstr(ids.front()));
  EXPECT_EQ(restored.exit_code, 0) << restored.err;
  EXPECT_THAT(restored.err, HasSubstr("is damaged, an older one is taken"));
  EXPECT_EQ(state_of(scratch_ / "older"), before);
  EXPECT_EQ(named.exit_code, 1);
}

TEST_F(VaultDamage, ANewestSnapshotThatIsMissingIsMissed) {
  push("the second");
  ASSERT_EQ(backup().exit_code, 0);
  const auto newest = snapshots_of(folder_of(id_)).back();
  fs::remove(folder_of(id_) / "snapshots" / (newest + ".json.zst"));

  const auto result = hubkeep({"restore", "octo/site", "older", "--from", vault().string()});

  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.err, HasSubstr("snapshot " + newest + " is damaged"));
}

TEST_F(VaultDamage, AManifestThatIsNotTheOneInTheCatalogIsNotTrusted) {
  push("the second");
  ASSERT_EQ(backup().exit_code, 0);
  const auto newest = folder_of(id_) / "snapshots" / (snapshots_of(folder_of(id_)).back() + ".json.zst");
  const auto json = sim::run_checked({"zstd", "-dcq", newest.string()}).out;
  std::ofstream(scratch_ / "other.json") << json << "\n";
  sim::run_checked(
      {"zstd", "-q", "-f", "--check", (scratch_ / "other.json").string(), "-o", newest.string()});

  const auto result = hubkeep({"restore", "octo/site", "older", "--from", vault().string()});

  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.err, HasSubstr("its SHA-256 differs"));
}

}  // namespace
}  // namespace hubkeep
