#include "git/work_path.h"

#include <gtest/gtest.h>

#include <string>

namespace hubkeep {
namespace {

TEST(WorkPath, MayBeWhatGitChecksOut) {
  for (const char* path :
       {"a",      "a/b",     ".gitignore", ".gitattributes", ".gitmodules", "git",
        ".gitx",  ".git2/a", "a.git",      "git~2",          "git~10",      ".gi",
        "...",    ".git_",   "con",        "a\\b",           "a:b",         "dir/.github/x",
        ".git~1", " .git",   "gi7eba~1",   "gitmod~1"}) {
    EXPECT_TRUE(may_be_checked_out(path, EntryMode::file)) << path;
  }
  for (const char* path : {"a", "gitmodules", "gitmod~5", ".gitmodulesx", "gi7eba~0", "gi7ebaxy", "gi7eb~12x",
                           ".gitattributes", "sub.gitmodules"}) {
    EXPECT_TRUE(may_be_checked_out(path, EntryMode::symbolic_link)) << path;
  }
}

TEST(WorkPath, LeadsNowhereElse) {
  for (const std::string& path : {std::string(), std::string("/a"), std::string("a//b"), std::string("a/"),
                                  std::string("."), std::string(".."), std::string("a/../b"),
                                  std::string("./a"), std::string("a/."), std::string("a\0b", 3)}) {
    EXPECT_FALSE(may_be_checked_out(path, EntryMode::file)) << path;
  }
}

TEST(WorkPath, IsNotDotGitUnderAnyOfItsNames) {
  for (const char* path : {".git",
                           ".git/config",
                           ".GIT",
                           ".gIt/hooks/x",
                           "a/.git",
                           "a/.Git/b",
                           "git~1",
                           "GIT~1/config",
                           ".git ",
                           ".git.",
                           ".git. .",
                           ".git...",
                           ".git::$INDEX_ALLOCATION",
                           ".git ::$DATA",
                           "git~1 ",
                           "git~1.",
                           "a\\.git",
                           ".git\\config",
                           "a\\git~1\\b",
                           ".git\\",
                           "git~1:x"}) {
    EXPECT_FALSE(may_be_checked_out(path, EntryMode::file)) << path;
    EXPECT_FALSE(may_be_checked_out(path, EntryMode::submodule)) << path;
  }
}

TEST(WorkPath, HasNoLinkInPlaceOfGitmodules) {
  for (const char* path :
       {".gitmodules", ".GitModules", "a/.gitmodules", ".gitmodules ", ".gitmodules.", ".gitmodules:x",
        "gitmod~1", "GITMOD~4 ", "gi7eba~1", "GI7EB~12", "gi7~1234", "gi7eba~9..", "a\\.gitmodules"}) {
    EXPECT_FALSE(may_be_checked_out(path, EntryMode::symbolic_link)) << path;
    EXPECT_TRUE(may_be_checked_out(path, EntryMode::file)) << path;
  }
}

}  // namespace
}  // namespace hubkeep
