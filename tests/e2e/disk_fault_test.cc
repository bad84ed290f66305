// Disks that are full, broken or read-only: an error that says what and where, nothing lost of what was
// there, and a next run that goes on.

#include <gmock/gmock.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>

#include "e2e/end_to_end.h"
#include "e2e/file_faults.h"
#include "e2e/small_disk.h"

namespace hubkeep {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;

constexpr int kNothingDone = 1;
constexpr int kIncomplete = 3;

class DiskTest : public EndToEnd {
 protected:
  sim::RunResult restore_into(const fs::path& folder, const std::vector<std::string>& more = {}) {
    std::vector<std::string> arguments = {"restore", "octo/site", folder.string(), "--from",
                                          vault().string()};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return hubkeep(arguments);
  }
};

struct Case {
  FileFault fault;
  std::string file;    // the end of the path that the message names
  std::string reason;  // its last words
};

FileFault failing(const std::string& object, const std::string& operation, int error) {
  return {.object = object,
          .operation = operation,
          .call = "1+",
          .action = "fail",
          .argument = std::to_string(error)};
}

const std::string kFull = "no space left: free some or choose another folder";
const std::string kBroken = "the device reports an error";
const std::string kReadOnly = "the file system is read-only";

const std::vector<Case> kCases = {
    {failing("*.bundle", "make", ENOSPC), ".bundle", kFull},
    {failing("*.bundle", "write", ENOSPC), ".bundle", kFull},
    {failing("*.bundle", "write", EIO), ".bundle", kBroken},
    {failing("*.bundle", "sync", EIO), ".bundle", kBroken},
    {failing("*.bundle", "rename", ENOSPC), ".bundle", kFull},
    {failing("*.bundle", "sync-folder", EIO), "/vault", kBroken},
    {failing("*.idx", "write", ENOSPC), ".idx", kFull},
    {failing("*.idx", "sync", EIO), ".idx", kBroken},
    {failing("*.refs.zst", "write", ENOSPC), ".refs.zst", kFull},
    {failing("*.refs.zst", "sync", EIO), ".refs.zst", kBroken},
    {failing("*.json.zst", "write", ENOSPC), ".json.zst", kFull},
    {failing("*.json.zst", "sync", EIO), ".json.zst", kBroken},
    {failing("*.json.zst", "rename", EROFS), ".json.zst", kReadOnly},
    {failing("catalog*", "write", ENOSPC), "/catalog.jsonl.zst", kFull},
    {failing("catalog*", "sync", EIO), "/catalog.jsonl.zst", kBroken},
    {failing("catalog*", "rename", EIO), "/catalog.jsonl.zst", kBroken},
    {failing("[0-9]*.jsonl.zst", "make", ENOSPC), ".jsonl.zst", kFull},
    {failing("[0-9]*.jsonl.zst", "write", ENOSPC), ".jsonl.zst", kFull},
    {failing("[0-9]*.jsonl.zst", "sync", EIO), ".jsonl.zst", kBroken},
};

using FailingDisk = DiskTest;

// One repository of two has something to save; the other stays as it is.
TEST_F(FailingDisk, IsNamedAndCostsNothingThatWasThere) {
  const auto id = add_filled("site");
  add_filled("other", 2);
  ASSERT_EQ(backup().exit_code, 0);
  for (const auto& [fault, file, reason] : kCases) {
    SCOPED_TRACE(fault.operation + " " + fault.object + ": " + reason);
    const std::string before = state_of(path_of(id));
    const auto newest_before = snapshots_of(folder_of(id)).back();
    push_file(id, fault.operation + fault.object + fault.argument);

    const auto result = backup({}, file_fault_environment(vault(), scratch_ / "calls", fault));

    EXPECT_EQ(result.exit_code, kIncomplete) << result.err;
    EXPECT_THAT(result.out + result.err, AllOf(HasSubstr(file), HasSubstr(": " + reason)));
    EXPECT_EQ(temporary_files(), 0U);
    EXPECT_EQ(state_of(restore("octo/site", newest_before)), before);
    const auto next = backup();
    EXPECT_EQ(next.exit_code, 0) << next.err;
  }
  EXPECT_EQ(snapshots_of(folder_of(id)).size(), 1 + kCases.size());
  EXPECT_EQ(state_of(restore("octo/site")), state_of(path_of(id)));
}

using NewVaultOnAFailingDisk = DiskTest;

TEST_F(NewVaultOnAFailingDisk, LeavesNothingHalf) {
  const auto id = add_filled("site");
  for (const auto* object : {"hubkeep.json", "README.txt"}) {
    for (const auto* operation : {"make", "write", "sync", "rename"}) {
      SCOPED_TRACE(std::string(object) + " " + operation);
      begin_anew();

      const auto result =
          backup({}, file_fault_environment(vault(), scratch_ / "calls", failing(object, operation, ENOSPC)));

      EXPECT_EQ(result.exit_code, kNothingDone);
      EXPECT_THAT(result.err, AllOf(HasSubstr((vault() / object).string()), HasSubstr(kFull)));
      EXPECT_FALSE(fs::exists(vault() / object));
      EXPECT_EQ(temporary_files(), 0U);
      EXPECT_EQ(backup().exit_code, 0);
      EXPECT_EQ(state_of(restore("octo/site")), state_of(path_of(id)));
    }
  }
}

TEST_F(DiskTest, WithoutExclusiveRenamesAreServedByLinks) {
  const auto id = add_filled("site");
  const fs::path log = scratch_ / "calls";

  const auto result = backup({}, file_fault_environment(vault(), log, failing("[!c1]*", "rename", EINVAL)));

  EXPECT_EQ(result.exit_code, 0) << result.err;
  const auto calls = read_file_calls(log);
  EXPECT_EQ(
      std::count_if(calls.begin(), calls.end(), [](const auto& call) { return call.operation == "link"; }),
      7);
  EXPECT_EQ(temporary_files(), 0U);
  EXPECT_EQ(state_of(restore("octo/site")), state_of(path_of(id)));
}

class SmallDiskTest : public DiskTest {
 protected:
  void SetUp() override {
    if (!disk_.is_mounted()) GTEST_SKIP() << "only root can mount a small disk";
  }
  const fs::path place_ = scratch_ / "disk";
  SmallDisk disk_{place_, 1 << 20};
};

TEST_F(SmallDiskTest, AFullOneCostsNothingThatWasThere) {
  fs::create_symlink(place_, vault());
  const auto id = add_filled("site");
  add_filled("other", 2);
  ASSERT_EQ(backup().exit_code, 0);
  const std::string before = state_of(path_of(id));
  push_file(id, random_bytes(2 << 20, 1));

  const auto result = backup();

  EXPECT_EQ(result.exit_code, kIncomplete);
  EXPECT_THAT(result.err, AllOf(HasSubstr("octo/site: failed: "), HasSubstr(".bundle: " + kFull)));
  EXPECT_EQ(temporary_files(), 0U);
  EXPECT_EQ(state_of(restore("octo/site")), before);
  disk_.resize(16 << 20);
  EXPECT_EQ(backup().exit_code, 0);
  EXPECT_EQ(state_of(restore("octo/site")), state_of(path_of(id)));
}

TEST_F(SmallDiskTest, WithoutAByteLeftStillRestores) {
  fs::create_symlink(place_, vault());
  const auto id = add_filled("site");
  ASSERT_EQ(backup().exit_code, 0);
  const std::string before = state_of(path_of(id));
  push_file(id, "more");
  disk_.fill();

  const auto result = backup();

  EXPECT_EQ(result.exit_code, kNothingDone);
  EXPECT_THAT(result.err, HasSubstr(kFull));
  EXPECT_EQ(temporary_files(), 0U);
  EXPECT_EQ(state_of(restore("octo/site")), before);
  disk_.resize(16 << 20);
  EXPECT_EQ(backup().exit_code, 0);
  EXPECT_EQ(state_of(restore("octo/site")), state_of(path_of(id)));
}

TEST_F(SmallDiskTest, ReadOnlyIsToldAndStillRestores) {
  fs::create_symlink(place_, vault());
  const auto id = add_filled("site");
  ASSERT_EQ(backup().exit_code, 0);
  disk_.make_read_only();

  const auto result = backup();

  EXPECT_EQ(result.exit_code, kNothingDone);
  EXPECT_THAT(result.err, AllOf(HasSubstr(vault().string()), HasSubstr(kReadOnly)));
  EXPECT_EQ(state_of(restore("octo/site")), state_of(path_of(id)));
}

TEST_F(SmallDiskTest, TooSmallForARestoreIsSaidBeforeItStarts) {
  add_filled("site");
  ASSERT_EQ(backup().exit_code, 0);
  disk_.resize(512 << 10);

  const auto result = restore_into(scratch_ / "out", {"--temp-dir", place_.string()});

  EXPECT_EQ(result.exit_code, kNothingDone);
  EXPECT_THAT(result.err, AllOf(HasSubstr("restoring needs about"), HasSubstr(place_.string()),
                                HasSubstr("512.0 KiB free")));
  EXPECT_TRUE(fs::is_empty(place_));
  EXPECT_FALSE(fs::exists(scratch_ / "out"));
}

// What is there is looked at all the same.
TEST_F(SmallDiskTest, TooSmallToRebuildIsSaidByVerify) {
  add_filled("site");
  ASSERT_EQ(backup().exit_code, 0);
  disk_.resize(512 << 10);

  const auto result = hubkeep(
      {"verify", "--restore", "--read-data", "--temp-dir", place_.string(), "--from", vault().string()});

  EXPECT_EQ(result.exit_code, kIncomplete);
  EXPECT_THAT(result.err,
              AllOf(HasSubstr("octo/site: could not be verified: rebuilding its snapshots needs about"),
                    HasSubstr(place_.string()), HasSubstr("512.0 KiB free"), HasSubstr("--temp-dir")));
  EXPECT_THAT(result.out, HasSubstr("of which 3 objects, "));
  EXPECT_TRUE(fs::is_empty(place_));
}

// One letter: a small pack, a large file, and none with holes, as git makes of zeros.
TEST_F(SmallDiskTest, FullDuringARestoreLeavesNothingBehind) {
  push_file(add_filled("site"), std::string(12 << 20, 'x'));
  ASSERT_EQ(backup().exit_code, 0);
  disk_.resize(4 << 20);

  const auto in_place = restore_into(place_ / "out");
  // The history is put together there; the files are written where they are to stay.
  const auto elsewhere = restore_into(scratch_ / "out", {"--temp-dir", place_.string()});

  EXPECT_EQ(in_place.exit_code, kNothingDone);
  EXPECT_THAT(in_place.err, HasSubstr("No space left on device"));
  EXPECT_EQ(elsewhere.exit_code, 0) << elsewhere.err;
  EXPECT_TRUE(fs::is_empty(place_));
}

TEST_F(SmallDiskTest, TooSmallForTheTargetIsSaidBeforeItStarts) {
  push_file(add_filled("site"), random_bytes(2 << 20, 1));
  ASSERT_EQ(backup().exit_code, 0);

  const auto result = restore_into(place_ / "out", {"--temp-dir", scratch_.path().string()});

  EXPECT_EQ(result.exit_code, kNothingDone);
  EXPECT_THAT(result.err, AllOf(HasSubstr("restoring needs about"), HasSubstr(place_.string() + " has")));
  EXPECT_TRUE(fs::is_empty(place_));
}

TEST_F(SmallDiskTest, FullWhileARepositoryIsMovedThereLeavesNothingBehind) {
  push_file(add_filled("site"), std::string(12 << 20, 'x'));
  ASSERT_EQ(backup().exit_code, 0);
  disk_.resize(4 << 20);

  const auto result = restore_into(place_ / "out", {"--temp-dir", scratch_.path().string()});

  EXPECT_EQ(result.exit_code, kNothingDone);
  EXPECT_THAT(result.err, AllOf(HasSubstr((place_ / "out").string()), HasSubstr("No space left on device")));
  EXPECT_TRUE(fs::is_empty(place_));
}

}  // namespace
}  // namespace hubkeep
