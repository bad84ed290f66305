// What a user sees of whole runs: requests, names, errors, exit codes.

#include <gmock/gmock.h>

#include <fstream>

#include "e2e/end_to_end.h"

namespace hubkeep {
namespace {

using testing::HasSubstr;
using testing::Not;

using AccountRun = EndToEnd;

TEST_F(AccountRun, NothingIsAskedOfGitWhenNothingChanged) {
  for (unsigned i = 0; i < 5; ++i) add_filled("r" + std::to_string(i), i);
  ASSERT_EQ(backup().exit_code, 0);
  const auto catalog_time = std::filesystem::last_write_time(vault() / "catalog.jsonl.zst");
  github_.clear_log();

  const auto result = backup();

  EXPECT_EQ(result.exit_code, 0);
  EXPECT_THAT(result.out, HasSubstr("0 saved, 5 unchanged, 0 failed"));
  EXPECT_EQ(github_.log().size(), 1U);
  EXPECT_EQ(std::filesystem::last_write_time(vault() / "catalog.jsonl.zst"), catalog_time);
}

TEST_F(AccountRun, APushBetweenListingAndLsRefsIsNotLost) {
  const auto id = add_filled("site");
  const auto push = [&](const std::string& branch) {
    sim::git(path_of(id), {"update-ref", "refs/heads/" + branch,
                           sim::git(path_of(id), {"commit-tree", "-m", branch, "main^{tree}"})});
    world_.pushed(id);
  };
  github_.faults().add({.git_command = sim::GitCommand::ls_refs}, sim::Hook{[&] { push("during"); }});

  ASSERT_EQ(backup().exit_code, 0);
  push("after");  // within the same second of the world's clock
  world_.advance(std::chrono::hours(1));
  ASSERT_EQ(backup().exit_code, 0);

  EXPECT_EQ(state_of(restore("octo/site")), state_of(path_of(id)));
}

TEST_F(AccountRun, ASecondPushWithinTheSameSecondIsNotLost) {
  const auto id = add_filled("site");
  const auto push = [&](const std::string& branch) {
    sim::git(path_of(id), {"update-ref", "refs/heads/" + branch,
                           sim::git(path_of(id), {"commit-tree", "-m", branch, "main^{tree}"})});
    world_.pushed(id);
  };
  push("first");
  ASSERT_EQ(backup().exit_code, 0);
  push("second");  // pushed_at stays what it was

  ASSERT_EQ(backup().exit_code, 0);

  EXPECT_EQ(state_of(restore("octo/site")), state_of(path_of(id)));
}

TEST_F(AccountRun, ADefaultBranchSwitchedWithoutAPushIsSaved) {
  const auto id = add_filled("site");
  sim::git(path_of(id), {"branch", "trunk", "main"});
  pushed(id);
  ASSERT_EQ(backup().exit_code, 0);

  world_.set_default_branch(id, "trunk");
  ASSERT_EQ(backup().exit_code, 0);

  EXPECT_EQ(snapshots_of(folder_of(id)).size(), 2U);
  EXPECT_EQ(state_of(restore("octo/site")), state_of(path_of(id)));
}

TEST_F(AccountRun, RenamedRepositoriesKeepTheirFolderAndNewOnesUnderTheOldNameAreOthers) {
  const auto id = add_filled("old");
  ASSERT_EQ(backup().exit_code, 0);
  world_.rename(id, "new");
  const auto other = add_filled("old", 9);

  ASSERT_EQ(backup().exit_code, 0);

  EXPECT_EQ(snapshots_of(folder_of(id)).size(), 2U);
  EXPECT_EQ(state_of(restore("octo/new")), state_of(path_of(id)));
  EXPECT_EQ(state_of(restore("octo/old")), state_of(path_of(other)));
}

TEST_F(AccountRun, ARepositoryGoneFromGitHubIsKeptAndMarked) {
  const auto id = add_filled("doomed");
  add_filled("other", 2);
  ASSERT_EQ(backup().exit_code, 0);
  const std::string before = state_of(path_of(id));
  world_.remove(id);

  const auto result = backup();

  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr("1 gone from GitHub or hidden"));
  EXPECT_THAT(hubkeep({"list", "--from", vault().string()}).out, HasSubstr("gone from GitHub since"));
  EXPECT_EQ(state_of(restore("octo/doomed")), before);
}

TEST_F(AccountRun, APrivateRepositoryIsNotTakenForGoneByARunWithoutAToken) {
  world_.add_organization("corp", {"octo"});
  const auto secret = world_.add_repository("corp", "secret", {.is_private = true});
  const auto open = world_.add_repository("corp", "open");
  for (const auto id : {secret, open}) pushed(id);
  ASSERT_EQ(backup({"--org", "corp"}).exit_code, 0);

  token_.clear();
  const auto result = backup({"--org", "corp"});

  EXPECT_EQ(result.exit_code, 3);
  EXPECT_THAT(result.err,
              HasSubstr("corp/secret: failed: it is private, and without a token it cannot be seen"));
  EXPECT_EQ(snapshots_of(folder_of(secret)).size(), 1U);
}

TEST_F(AccountRun, ARepositoryThatMovedOutOfTheSelectionIsStillSaved) {
  const auto id = add_filled("site");
  add_filled("other", 2);
  world_.add_user("else");
  ASSERT_EQ(backup({"--user", "octo"}).exit_code, 0);
  world_.transfer(id, "else");

  const auto result = backup({"--user", "octo"});

  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.err, HasSubstr("else/site: saved (the listing differs)"));
  push_file(id, "after the move");
  EXPECT_EQ(backup({"--user", "octo"}).exit_code, 0);
  EXPECT_EQ(snapshots_of(folder_of(id)).size(), 3U);
  EXPECT_EQ(state_of(restore("else/site")), state_of(path_of(id)));
}

TEST_F(AccountRun, ADefaultBranchWhoseNameIsNoUtf8IsRestoredByItsName) {
  const auto id = add_filled("site");
  sim::git(path_of(id), {"branch", "\xe4", "main"});
  sim::git(path_of(id), {"symbolic-ref", "HEAD", "refs/heads/\xe4"});
  pushed(id);

  ASSERT_EQ(backup().exit_code, 0);

  EXPECT_EQ(state_of(restore("octo/site")), state_of(path_of(id)));
  EXPECT_EQ(state_of(restore_by_readme(folder_of(id), snapshots_of(folder_of(id)).front())),
            state_of(path_of(id)));
}

TEST_F(AccountRun, OneBlockedRepositoryIsALineInTheReport) {
  add_filled("good");
  const auto blocked = add_filled("blocked", 2);
  world_.edit(blocked, [](sim::Repository& repository) { repository.block = sim::Block::dmca; });

  const auto result = backup();

  EXPECT_EQ(result.exit_code, 3);
  EXPECT_THAT(result.out, HasSubstr("1 saved, 0 unchanged, 1 failed"));
  EXPECT_THAT(result.err, HasSubstr("octo/blocked: failed"));
}

TEST_F(AccountRun, ANameThatDoesNotExistIsAnErrorNeverAnEmptySuccess) {
  add_filled("site");

  const auto missing = backup({"--repo", "octo/missing"});
  const auto nobody = backup({"--user", "nobody"});
  const auto filtered = backup({"--include", "other/*"});

  EXPECT_EQ(missing.exit_code, 1);
  EXPECT_THAT(missing.err, HasSubstr("octo/missing"));
  EXPECT_EQ(nobody.exit_code, 1);
  EXPECT_EQ(filtered.exit_code, 1);
  EXPECT_THAT(filtered.err, HasSubstr("the filters leave none of 1 repository"));
  EXPECT_EQ(backup({"--repo", "OCTO/Site"}).exit_code, 0);
}

TEST_F(AccountRun, ABadTokenIsNamedAndNeverShown) {
  add_filled("site");
  token_ = "ghp_secret_that_is_wrong";

  const auto result = backup();

  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.err, HasSubstr("TOKEN_GITHUB"));
  EXPECT_THAT(result.err + result.out, Not(HasSubstr("ghp_secret")));
}

TEST_F(AccountRun, ABucketThatCannotBeReachedIsNotReplacedByAFolder) {
  sim::Environment variables = {{"TOKEN_GITHUB", token_}, {"AWS_ENDPOINT_URL", "s3.example.org"}};
  const auto flag = hubkeep({"backup", "--to", "s3://bucket/prefix"}, variables);
  variables["BACKUP_S3_BUCKET"] = "bucket";
  const auto variable = hubkeep({"backup"}, variables);

  for (const auto& result : {flag, variable}) {
    EXPECT_EQ(result.exit_code, 1);
    EXPECT_THAT(result.err, HasSubstr("AWS_ENDPOINT_URL"));
  }
  EXPECT_FALSE(std::filesystem::exists(scratch_ / "hubkeep-vault"));
}

TEST_F(AccountRun, ADamagedBundleIsNotRestored) {
  const auto id = add_filled("site");
  ASSERT_EQ(backup().exit_code, 0);
  const auto bundle = std::filesystem::directory_iterator(folder_of(id) / "git");
  for (const auto& file : bundle) {
    if (file.path().extension() != ".bundle") continue;
    std::fstream stream(file.path(), std::ios::in | std::ios::out | std::ios::binary);
    stream.seekp(-30, std::ios::end);
    stream.put('\x7f');
  }

  const auto result = hubkeep({"restore", "octo/site", "out", "--from", vault().string()});

  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.err, HasSubstr(".bundle"));
  EXPECT_FALSE(std::filesystem::exists(scratch_ / "out"));
}

TEST_F(AccountRun, ALostCatalogIsRebuiltAndNothingFetchedAgain) {
  add_filled("site");
  ASSERT_EQ(backup().exit_code, 0);
  std::filesystem::remove(vault() / "catalog.jsonl.zst");
  github_.clear_log();

  const auto result = backup();

  EXPECT_EQ(result.exit_code, 0);
  EXPECT_THAT(result.err, HasSubstr("the catalog is missing"));
  EXPECT_EQ(github_.count(sim::GitCommand::fetch), 0U);
  EXPECT_TRUE(std::filesystem::exists(vault() / "catalog.jsonl.zst"));
}

TEST_F(AccountRun, TwoRunsAtOnceBothKeepTheirSnapshots) {
  for (int round = 0; round < 10; ++round) {
    const auto id = add_filled("race-" + std::to_string(round), static_cast<unsigned>(round));
    const std::string name = "octo/race-" + std::to_string(round);
    github_.faults().add({.repository = name, .git_command = sim::GitCommand::fetch},
                         sim::Barrier{"race" + std::to_string(round), 2}, 2);
    sim::RunResult other;
    std::thread second([&] { other = backup({"--repo", name}); });
    const auto first = backup({"--repo", name});
    second.join();
    ASSERT_EQ(first.exit_code, 0) << first.err;
    ASSERT_EQ(other.exit_code, 0) << other.err;

    const auto ids = snapshots_of(folder_of(id));
    ASSERT_EQ(ids.size(), 2U);
    for (const auto& snapshot : ids) EXPECT_EQ(state_of(restore(name, snapshot)), state_of(path_of(id)));
    ASSERT_EQ(backup({"--repo", name}).exit_code, 0);
    EXPECT_EQ(snapshots_of(folder_of(id)).size(), 3U);  // one that names both as previous
  }
}

}  // namespace
}  // namespace hubkeep
