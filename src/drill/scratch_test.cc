#include "drill/scratch.h"

#include <gmock/gmock.h>

#include <fstream>
#include <set>

#include "base/error_of.h"
#include "base/scratch_folder.h"

namespace hubkeep {
namespace {

namespace fs = std::filesystem;

using testing::IsEmpty;
using testing::UnorderedElementsAre;

class DrillScratchTest : public testing::Test {
 protected:
  std::set<std::string> names() const {
    std::set<std::string> names;
    for (const auto& entry : fs::directory_iterator(parent_.path()))
      names.insert(entry.path().filename().string());
    return names;
  }
  void put(const std::string& name) {
    fs::create_directories((parent_.path() / name).parent_path());
    std::ofstream(parent_.path() / name) << "x";
  }

  ScratchFolder parent_;
};

TEST_F(DrillScratchTest, IsGoneAtTheEnd) {
  {
    const DrillScratch scratch(parent_.path());
    EXPECT_EQ(fs::status(scratch.path()).permissions(), fs::perms::owner_all);
    std::ofstream(scratch.path() / "file") << "x";
  }

  EXPECT_THAT(names(), IsEmpty());
}

TEST_F(DrillScratchTest, MakesTheFolderThatItIsToBeIn) {
  const DrillScratch scratch(parent_.path() / "a" / "b");

  EXPECT_TRUE(fs::is_directory(scratch.path()));
}

TEST_F(DrillScratchTest, RemovesWhatADrillLeftThatWasKilled) {
  put("0123abcd-hubkeep-drill.lock");
  put("0123abcd-hubkeep-drill/repository/mirror.git/HEAD");
  put("4567abcd-hubkeep-drill.lock");

  {
    const DrillScratch scratch(parent_.path());
  }

  EXPECT_THAT(names(), IsEmpty());
}

TEST_F(DrillScratchTest, LeavesWhatIsNotADrillsOrOfOneThatLives) {
  put("other");
  put("hubkeep-drill/file");
  put("x-hubkeep-drill/file");  // whose it is nothing tells
  fs::create_symlink(parent_.path() / "other", parent_.path() / "y-hubkeep-drill.lock");
  const DrillScratch alive(parent_.path());

  {
    const DrillScratch scratch(parent_.path());
  }

  EXPECT_TRUE(fs::is_directory(alive.path()));
  EXPECT_THAT(names(), UnorderedElementsAre("other", "hubkeep-drill", "x-hubkeep-drill",
                                            "y-hubkeep-drill.lock", alive.path().filename().string(),
                                            alive.path().filename().string() + ".lock"));
}

TEST_F(DrillScratchTest, RemovesNothingThatALinkInItLeadsTo) {
  put("precious/file");
  put("0123abcd-hubkeep-drill.lock");
  fs::create_directory_symlink(parent_.path() / "precious", parent_.path() / "0123abcd-hubkeep-drill");

  {
    const DrillScratch scratch(parent_.path());
  }

  EXPECT_TRUE(fs::exists(parent_.path() / "precious/file"));
}

TEST_F(DrillScratchTest, SaysWhereItCannotBeMade) {
  put("file");

  EXPECT_EQ(error_of([&] { const DrillScratch scratch(parent_.path() / "file" / "x"); }).kind(),
            ErrorKind::forbidden);
}

}  // namespace
}  // namespace hubkeep
