// hubkeep copy: from one folder to another; buckets are in s3_test.cc.

#include <gmock/gmock.h>

#include "e2e/end_to_end.h"

namespace hubkeep {
namespace {

namespace fs = std::filesystem;

using testing::AllOf;
using testing::HasSubstr;

class Copy : public EndToEnd {
 protected:
  sim::RunResult copy(std::vector<std::string> arguments = {}) {
    arguments.insert(arguments.begin(), {"copy", vault().string(), other().string()});
    return hubkeep(std::move(arguments));
  }
  fs::path other() const { return scratch_ / "other"; }
  std::string restored_state(const std::string& name) {
    const auto folder = scratch_ / ("copied-" + std::to_string(++restored_));
    const auto result = hubkeep({"restore", name, folder.string(), "--bare", "--from", other().string()});
    EXPECT_EQ(result.exit_code, 0) << result.err;
    return state_of(folder);
  }
};

TEST_F(Copy, IsAVaultThatBackupsGoOnWith) {
  const auto site = add_filled("site");
  backup();
  push_file(site, "second");
  backup();

  const auto copied = copy();
  push_file(site, "third");
  const auto result = hubkeep({"backup", "--api-url", github_.api_url(), "--to", other().string()},
                              {{"TOKEN_GITHUB", token_}});

  EXPECT_EQ(copied.exit_code, 0) << copied.err;
  EXPECT_THAT(copied.out, HasSubstr("2 snapshots"));
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.err, HasSubstr("octo/site: saved (the listing differs), 3 objects"));
  EXPECT_EQ(restored_state("octo/site"), state_of(path_of(site)));
  EXPECT_EQ(hubkeep({"verify", "--read-data", "--from", other().string()}).exit_code, 0);
}

TEST_F(Copy, BringsWhatIsMissingAndNothingElse) {
  const auto site = add_filled("site");
  add_filled("tools", 2);
  backup();
  copy();
  push_file(site, "second");
  backup();

  const auto second = copy();
  const auto third = copy();

  EXPECT_THAT(second.out, HasSubstr("1 snapshot, 3 objects"));
  EXPECT_THAT(third.out, HasSubstr("0 snapshots, 0 objects, 0 B copied"));
  EXPECT_EQ(restored_state("octo/site"), state_of(path_of(site)));
}

TEST_F(Copy, LeavesOutWhatIsDamagedAndSaysSo) {
  const auto site = add_filled("site");
  const auto tools = add_filled("tools", 2);
  backup();
  fs::resize_file(folder_of(site) / "git" / (snapshots_of(folder_of(site)).front() + ".bundle"), 100);

  const auto result = copy();

  EXPECT_EQ(result.exit_code, 3);
  EXPECT_THAT(result.err, AllOf(HasSubstr("octo/site"), HasSubstr("is left out"), HasSubstr("100 bytes")));
  EXPECT_EQ(restored_state("octo/tools"), state_of(path_of(tools)));
  const auto verified = hubkeep({"verify", "--from", other().string()});
  EXPECT_EQ(verified.exit_code, 3) << "what was left out is not there either";
  EXPECT_THAT(verified.err, AllOf(HasSubstr("octo/site: DAMAGED"), HasSubstr(".json.zst is missing")));
}

TEST_F(Copy, BringsBackWhatTheOtherVaultHasLost) {
  const auto site = add_filled("site");
  backup();
  push_file(site, "second");
  backup();
  copy();
  const fs::path there = other() / fs::relative(folder_of(site), vault());
  const std::string oldest = snapshots_of(there).front();
  fs::remove(there / "snapshots" / (oldest + ".json.zst"));
  fs::remove(there / "git" / (oldest + ".bundle"));

  const auto result = copy();

  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr("1 snapshot, 1 object"));
  EXPECT_EQ(hubkeep({"verify", "--read-data", "--from", other().string()}).exit_code, 0);
}

TEST_F(Copy, NamesWhatIsCutShortThereAndItsAdviceMendsIt) {
  const auto site = add_filled("site");
  backup();
  copy();
  const fs::path there = other() / fs::relative(folder_of(site), vault());
  const fs::path bundle = there / "git" / (snapshots_of(there).front() + ".bundle");
  fs::resize_file(bundle, 100);

  const auto told = copy();
  const auto told_again = copy();
  fs::remove(bundle);
  const auto mended = copy();

  for (const auto& result : {told, told_again}) {
    EXPECT_EQ(result.exit_code, 3);
    EXPECT_THAT(result.err,
                AllOf(HasSubstr(fs::relative(bundle, other()).string()), HasSubstr("with 100 bytes"),
                      HasSubstr("remove it there, then copy again")));
  }
  EXPECT_EQ(mended.exit_code, 0) << mended.err;
  EXPECT_EQ(hubkeep({"verify", "--read-data", "--from", other().string()}).exit_code, 0);
}

TEST_F(Copy, BringsZipsAndKnowsThemThere) {
  add_filled("site");
  backup({"--zip"});
  add_filled("tools", 2);
  backup({"--zip", "--no-git", "--include", "octo/tools"});

  const auto first = copy();
  const auto second = copy();
  const auto listed = hubkeep({"list", "--from", other().string()});
  github_.clear_log();
  const auto result = hubkeep(
      {"backup", "--zip", "--include", "octo/site", "--api-url", github_.api_url(), "--to", other().string()},
      {{"TOKEN_GITHUB", token_}});

  EXPECT_EQ(first.exit_code, 0) << first.err;
  EXPECT_THAT(first.out, HasSubstr("2 zips"));
  EXPECT_THAT(second.out, testing::Not(HasSubstr("zips")));
  EXPECT_THAT(listed.out, HasSubstr("octo/tools  no history; its newest zip is zip/"));
  EXPECT_EQ(hubkeep({"verify", "--read-data", "--from", other().string()}).exit_code, 0);
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(github_.request_log().count_path("/zipball/"), 0U);
}

TEST_F(Copy, RefusesToCopyAVaultOntoItself) {
  add_filled("site");
  backup();

  const auto result = hubkeep({"copy", vault().string(), vault().string()});

  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.err, HasSubstr("the same vault"));
}

TEST_F(Copy, OfWhatIsNoVaultMakesNone) {
  const auto result = hubkeep({"copy", (scratch_ / "nothing").string(), other().string()});

  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.err, HasSubstr("nothing"));
  EXPECT_FALSE(fs::exists(other()));
}

}  // namespace
}  // namespace hubkeep
