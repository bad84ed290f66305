#include "restore/safe_name.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace hubkeep {
namespace {

using testing::StartsWith;

TEST(SafeFile, KeepsNamesThatEveryFileSystemTakes) {
  for (const char* name : {"site-1.0+build.tar.gz", "Größe 3.txt", "release.json", "a~b", "日本.png"})
    EXPECT_EQ(safe_file(name), name);
}

TEST(SafeFile, EncodesWhatLeadsElsewhereOrIsNotSeen) {
  EXPECT_EQ(safe_file("."), "%2E");
  EXPECT_EQ(safe_file(".."), "%2E%2E");
  EXPECT_EQ(safe_file("../../etc/passwd"), "%2E.%2F..%2Fetc%2Fpasswd");
  EXPECT_EQ(safe_file(".git"), "%2Egit");
  EXPECT_EQ(safe_file("a\nb\x7F"), "a%0Ab%7F");
  EXPECT_EQ(safe_file("con\\aux:x."), "con%5Caux%3Ax%2E");
  EXPECT_EQ(safe_file("100%"), "100%25");
  EXPECT_EQ(safe_file("bad\xFFutf"), "bad%FFutf");
  EXPECT_EQ(safe_file("turned\xE2\x80\xAEgnp.exe"), "turned%E2%80%AEgnp.exe");
  EXPECT_FALSE(safe_file("").empty());
}

TEST(SafeFile, CutsLongNamesAndTellsThemApart) {
  const std::string long_name(300, 'x');

  const std::string first = safe_file(long_name + "1");

  EXPECT_LT(first.size(), 256U);
  EXPECT_THAT(first, StartsWith("xxxx"));
  EXPECT_NE(first, safe_file(long_name + "2"));
}

TEST(SafeFolder, MakesNoFolderGitWouldTakeForItsOwn) {
  EXPECT_EQ(safe_folder(".GIT"), "%2EGIT");
  EXPECT_EQ(safe_folder("a/b"), "a%2Fb");
}

TEST(NamesOfFolder, TellsNamesApartThatAreOneOnSomeFileSystems) {
  NamesOfFolder names({"release.json"});

  EXPECT_EQ(names.take("Release.json", "7"), "7-Release.json");
  EXPECT_EQ(names.take("a.zip", "8"), "a.zip");
  EXPECT_EQ(names.take("A.zip", "9"), "9-A.zip");
  EXPECT_EQ(names.take("A.zip", "9"), "9-9-A.zip");
}

}  // namespace
}  // namespace hubkeep
