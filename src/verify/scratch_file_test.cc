#include "verify/scratch_file.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "base/scratch_folder.h"

namespace hubkeep {
namespace {

TEST(ScratchFile, GivesBackWhatWasWrittenAndHasNoName) {
  const ScratchFolder place;
  ScratchFile file(place.path() / "made" / "here");
  file.write("abc");
  file.write("defg");

  EXPECT_EQ(file.size(), 7U);
  EXPECT_EQ(file.read(2, 3, {}), "cde");
  EXPECT_EQ(file.read(7, 0, {}), "");
  EXPECT_TRUE(std::filesystem::is_empty(place.path() / "made" / "here"));
}

TEST(ScratchFile, RefusesWhatIsBeyondItsEnd) {
  const ScratchFolder place;
  ScratchFile file(place.path());
  file.write("abc");

  EXPECT_THROW(file.read(2, 2, {}), Error);
  EXPECT_THROW(file.read(4, 0, {}), Error);
  EXPECT_THROW(file.read(1, ~ByteCount{0}, {}), Error);
}

TEST(ScratchFile, SaysWhereNoneCanBeMade) {
  try {
    ScratchFile("/dev/null/scratch");
    FAIL();
  } catch (const Error& error) {
    EXPECT_NE(error.message().find("/dev/null/scratch"), std::string::npos) << error.message();
  }
}

}  // namespace
}  // namespace hubkeep
