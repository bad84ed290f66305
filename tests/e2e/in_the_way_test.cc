// Things in the way of a vault or of a restored repository, and others who use the vault at the same time: an
// error that says what and where, and nothing of theirs is touched.

#include <fcntl.h>
#include <gmock/gmock.h>
#include <sys/file.h>
#include <unistd.h>

#include <fstream>

#include "e2e/end_to_end.h"
#include "e2e/file_faults.h"

namespace hubkeep {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;

constexpr int kNothingDone = 1;
constexpr int kIncomplete = 3;

class InTheWay : public EndToEnd {
 protected:
  sim::RunResult restore_into(const fs::path& folder) {
    return hubkeep({"restore", "octo/site", folder.string(), "--from", vault().string()});
  }

  static void put_file(const fs::path& path) {
    fs::create_directories(path.parent_path());
    std::ofstream(path) << "mine";
  }
  static bool is_untouched(const fs::path& path) {
    return fs::is_regular_file(path) && fs::file_size(path) == 4;
  }

  // Permissions do not hold for root.
  sim::RunResult as_nobody(std::vector<std::string> arguments) {
    const fs::path program = scratch_ / "hubkeep";
    fs::copy_file(hubkeep_binary(), program, fs::copy_options::skip_existing);
    arguments.insert(arguments.begin(), program.string());
    if (::geteuid() == 0) {
      arguments.insert(arguments.begin(), {"setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"});
    }
    return sim::run(arguments, {.cwd = scratch_.path(), .env = {{"TOKEN_GITHUB", token_}}});
  }
};

TEST_F(InTheWay, AFileWhereTheVaultShouldBe) {
  add_filled("site");
  put_file(vault());

  const auto result = backup();

  EXPECT_EQ(result.exit_code, kNothingDone);
  EXPECT_THAT(result.err,
              AllOf(HasSubstr(vault().string()), HasSubstr("something that is not a folder is in the way")));
  EXPECT_TRUE(is_untouched(vault()));
}

TEST_F(InTheWay, AFileWhereAFolderOfTheVaultShouldBe) {
  const auto id = add_filled("site");
  ASSERT_EQ(backup().exit_code, 0);
  push_file(id, "more");
  const fs::path git = folder_of(id) / "git";
  fs::rename(git, scratch_ / "aside");
  put_file(git);

  const auto result = backup();

  EXPECT_EQ(result.exit_code, kNothingDone);
  EXPECT_THAT(result.err, HasSubstr(git.string()));
  EXPECT_TRUE(is_untouched(git));
  EXPECT_EQ(temporary_files(), 0U);
  fs::remove(git);
  fs::rename(scratch_ / "aside", git);
  EXPECT_EQ(backup().exit_code, 0);
  EXPECT_EQ(state_of(restore("octo/site")), state_of(path_of(id)));
}

TEST_F(InTheWay, AFolderWhereTheCatalogShouldBe) {
  const auto id = add_filled("site");
  ASSERT_EQ(backup().exit_code, 0);
  fs::remove(vault() / "catalog.jsonl.zst");
  put_file(vault() / "catalog.jsonl.zst/mine");

  const auto result = backup();

  EXPECT_EQ(result.exit_code, kIncomplete);
  EXPECT_THAT(result.out, AllOf(HasSubstr("the catalog could not be written"),
                                HasSubstr("/catalog.jsonl.zst: a folder is in the way: move it elsewhere")));
  EXPECT_TRUE(is_untouched(vault() / "catalog.jsonl.zst/mine"));
  EXPECT_EQ(temporary_files(), 0U);
  EXPECT_EQ(state_of(restore("octo/site")), state_of(path_of(id)));
}

TEST_F(InTheWay, BackupsWithoutHubkeepJsonAreNoEmptyVault) {
  const auto id = add_filled("site");
  ASSERT_EQ(backup().exit_code, 0);
  fs::rename(vault() / "hubkeep.json", scratch_ / "hubkeep.json");

  const auto result = backup();

  EXPECT_EQ(result.exit_code, kNothingDone);
  EXPECT_THAT(
      result.err,
      HasSubstr(
          "hubkeep.json is missing; what is saved there can be read all the same, but nothing is added"));
  EXPECT_FALSE(fs::exists(vault() / "hubkeep.json"));
  fs::rename(scratch_ / "hubkeep.json", vault() / "hubkeep.json");
  EXPECT_EQ(backup().exit_code, 0);
  EXPECT_EQ(state_of(restore("octo/site")), state_of(path_of(id)));
}

TEST_F(InTheWay, OtherFilesInTheFolderAreLeftAlone) {
  const auto id = add_filled("site");
  put_file(vault() / "photo.jpg");
  put_file(vault() / "lost+found/x");

  const auto result = backup({"--stale-after", "0"});

  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_TRUE(is_untouched(vault() / "photo.jpg"));
  EXPECT_TRUE(is_untouched(vault() / "lost+found/x"));
  EXPECT_EQ(state_of(restore("octo/site")), state_of(path_of(id)));
}

TEST_F(InTheWay, WhatExistsIsNeverRestoredOver) {
  add_filled("site");
  ASSERT_EQ(backup().exit_code, 0);
  const fs::path folder = scratch_ / "folder";
  const fs::path file = scratch_ / "file";
  const fs::path link = scratch_ / "link";
  const fs::path dangling = scratch_ / "dangling";
  put_file(folder / "mine");
  put_file(file);
  fs::create_directory_symlink(folder, link);
  fs::create_symlink(scratch_ / "nowhere", dangling);

  for (const auto& target : {folder, file, link, dangling}) {
    const auto result = restore_into(target);

    EXPECT_EQ(result.exit_code, kNothingDone) << target;
    EXPECT_THAT(result.err, HasSubstr(target.string() + " exists already and is left alone"));
  }
  EXPECT_TRUE(is_untouched(folder / "mine"));
  EXPECT_TRUE(is_untouched(file));
  EXPECT_TRUE(fs::is_symlink(dangling));
  EXPECT_FALSE(fs::exists(scratch_ / "nowhere"));
}

TEST_F(InTheWay, AFileWhereTheTargetsFolderShouldBe) {
  add_filled("site");
  ASSERT_EQ(backup().exit_code, 0);
  put_file(scratch_ / "file");

  const auto result = restore_into(scratch_ / "file/site");

  EXPECT_EQ(result.exit_code, kNothingDone);
  EXPECT_THAT(result.err, HasSubstr((scratch_ / "file").string()));
  EXPECT_TRUE(is_untouched(scratch_ / "file"));
}

TEST_F(InTheWay, AVaultOfAnotherUser) {
  add_filled("site");
  ASSERT_EQ(backup().exit_code, 0);
  fs::permissions(vault(), fs::perms::none);

  const auto written = as_nobody({"backup", "--api-url", github_.api_url(), "--to", vault().string()});
  const auto read = as_nobody({"list", "--from", vault().string()});

  for (const auto& result : {written, read}) {
    EXPECT_EQ(result.exit_code, kNothingDone);
    EXPECT_THAT(result.err, HasSubstr("cannot open the folder " + vault().string() + ": permission denied"));
  }
}

TEST_F(InTheWay, AnotherProcessThatHoldsTheLockForever) {
  const auto id = add_filled("site");
  ASSERT_EQ(backup().exit_code, 0);
  push_file(id, "more");
  const sim::FileDescriptor lock(::open((vault() / ".tmp/lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  ASSERT_EQ(::flock(lock.get(), LOCK_EX), 0);

  const auto result = backup({}, file_fault_environment(vault(), scratch_ / "calls"));

  EXPECT_EQ(result.exit_code, kIncomplete);
  EXPECT_THAT(result.out, AllOf(HasSubstr("the catalog could not be written"),
                                HasSubstr((vault() / ".tmp/lock").string())));
  EXPECT_EQ(temporary_files(), 0U);
  ::flock(lock.get(), LOCK_UN);
  github_.clear_log();
  EXPECT_EQ(backup().exit_code, 0);
  EXPECT_EQ(github_.count(sim::GitCommand::fetch), 0U);
  EXPECT_EQ(state_of(restore("octo/site")), state_of(path_of(id)));
}

// At the worst moment: bundle and refs are there, the manifest is about to be.
TEST_F(InTheWay, AVaultThatIsRemovedUnderARun) {
  remembers_vaults_ = true;
  const auto id = add_filled("site");
  const fs::path held = scratch_ / "held";
  BackgroundRun run = start_backup(
      {}, file_fault_environment(
              vault(), scratch_ / "calls",
              {.object = "*.json.zst", .operation = "rename", .action = "hold", .argument = held.string()}));
  ASSERT_TRUE(wait_until([&] { return fs::exists(held); }));
  fs::remove_all(vault());
  fs::remove(held);

  const auto result = run.finish();

  EXPECT_EQ(result.exit_code, kNothingDone) << result.err;
  EXPECT_THAT(result.err, HasSubstr("octo/site: failed: "));
  EXPECT_FALSE(fs::exists(vault()));
  EXPECT_EQ(backup().exit_code, kNothingDone);  // it is known to have been there
  begin_anew();
  EXPECT_EQ(backup().exit_code, 0);
  EXPECT_EQ(state_of(restore("octo/site")), state_of(path_of(id)));
}

}  // namespace
}  // namespace hubkeep
