#include "restore/work_place.h"

#include <gtest/gtest.h>

#include <fstream>
#include <optional>

#include "base/scratch_folder.h"

namespace hubkeep {
namespace {

namespace fs = std::filesystem;

class WorkPlaceTest : public testing::Test {
 protected:
  // What a process that was killed leaves: its locks are gone, its files are not.
  fs::path leave(const std::string& destination, const std::string& what) {
    WorkPlace place(scratch_.path(), destination, what);
    std::ofstream(place.path() / "pack") << what;
    place.keep();
    return place.path();
  }

  ScratchFolder scratch_;
};

TEST_F(WorkPlaceTest, IsItsOwnersAloneAndGoneAtTheEnd) {
  std::optional<WorkPlace> place;
  place.emplace(scratch_.path() / "new", "/target", "snapshot");
  const fs::path path = place->path();

  EXPECT_EQ(fs::status(path).permissions(), fs::perms::owner_all);
  place.reset();
  EXPECT_FALSE(fs::exists(path));
}

TEST_F(WorkPlaceTest, GoesOnWithWhatWasLeftOfTheSame) {
  const fs::path left = leave("/target", "snapshot");

  const WorkPlace place(scratch_.path(), "/target", "snapshot");

  EXPECT_EQ(place.path(), left);
  EXPECT_TRUE(fs::exists(place.path() / "pack"));
}

TEST_F(WorkPlaceTest, RemovesWhatWasLeftOfAnotherSnapshotAndNothingElse) {
  const fs::path other_snapshot = leave("/target", "older");
  const fs::path other_target = leave("/elsewhere", "older");

  const WorkPlace place(scratch_.path(), "/target", "newer");

  EXPECT_NE(place.path(), other_snapshot);
  EXPECT_TRUE(fs::is_empty(place.path()));
  EXPECT_FALSE(fs::exists(other_snapshot));
  EXPECT_TRUE(fs::exists(other_target / "pack"));
}

TEST_F(WorkPlaceTest, LeavesAloneWhatSomebodyIsAt) {
  const WorkPlace first(scratch_.path(), "/target", "snapshot");
  const WorkPlace older(scratch_.path(), "/target", "older");

  const WorkPlace second(scratch_.path(), "/target", "snapshot");

  EXPECT_NE(second.path(), first.path());
  EXPECT_TRUE(fs::is_empty(second.path()));
  EXPECT_TRUE(fs::exists(first.path()));
  EXPECT_TRUE(fs::exists(older.path()));
}

TEST_F(WorkPlaceTest, TakesNothingThatOthersCouldHaveWritten) {
  const fs::path left = leave("/target", "snapshot");
  for (const auto mode : {fs::perms::owner_all | fs::perms::others_write, fs::perms::all}) {
    fs::permissions(left, mode);

    const WorkPlace place(scratch_.path(), "/target", "snapshot");

    EXPECT_NE(place.path(), left);
    EXPECT_TRUE(fs::is_empty(place.path()));
  }
  fs::rename(left, scratch_.path() / "moved");
  fs::permissions(scratch_.path() / "moved", fs::perms::owner_all);
  fs::create_directory_symlink(scratch_.path() / "moved", left);

  const WorkPlace place(scratch_.path(), "/target", "snapshot");

  EXPECT_NE(place.path(), left);
  EXPECT_TRUE(fs::is_empty(place.path()));
}

}  // namespace
}  // namespace hubkeep
