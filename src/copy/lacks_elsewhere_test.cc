#include "copy/lacks_elsewhere.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "base/scratch_folder.h"
#include "store/folder/folder_store.h"

namespace hubkeep {
namespace {

class LacksElsewhere : public testing::Test {
 protected:
  static void put(const ScratchFolder& folder, const std::string& key, const std::string& bytes = "x") {
    std::filesystem::create_directories((folder.path() / key).parent_path());
    std::ofstream(folder.path() / key) << bytes;
  }
  static std::string numbered(int i) { return fmt::format("lfs/{:04}", i); }
  bool lacks_any() { return lacks_elsewhere(from_, to_); }

  ScratchFolder here_;
  ScratchFolder there_;
  VaultObjects from_{std::make_unique<FolderStore>(here_.path().string(), OpenMode::create)};
  VaultObjects to_{std::make_unique<FolderStore>(there_.path().string(), OpenMode::create)};
};

TEST_F(LacksElsewhere, NothingWhereThereIsNothing) {
  EXPECT_FALSE(lacks_any());
}

TEST_F(LacksElsewhere, LooksAtNoFolderThatIsCopiedOnItsOwn) {
  for (const char* key :
       {"repos/a", "runs/a", "drills/a", "doctor/a", "state/a", "zip/a", "catalog.jsonl.zst"})
    put(here_, key);

  EXPECT_FALSE(lacks_any());
}

TEST_F(LacksElsewhere, SeesEachObjectOfManyThatIsMissingOrOfAnotherSize) {
  constexpr int kCount = 2002;  // of a thousand each, as one answer of a bucket has
  for (int i = 0; i < kCount; ++i) {
    put(here_, numbered(i));
    put(there_, numbered(i));
  }
  put(there_, "lfs/more");
  put(there_, "lfs/0000-more");
  ASSERT_FALSE(lacks_any());

  for (const int i : {0, 1, 999, 1000, 1001, 1999, 2000, 2001}) {
    std::filesystem::remove(there_.path() / numbered(i));
    EXPECT_TRUE(lacks_any()) << i;
    put(there_, numbered(i), "xx");
    EXPECT_TRUE(lacks_any()) << i;
    put(there_, numbered(i));
    EXPECT_FALSE(lacks_any()) << i;
  }
}

TEST_F(LacksElsewhere, LooksInEveryFolder) {
  put(here_, "lfs/a");
  put(there_, "lfs/a");
  put(here_, "later/a");

  EXPECT_TRUE(lacks_any());
}

}  // namespace
}  // namespace hubkeep
