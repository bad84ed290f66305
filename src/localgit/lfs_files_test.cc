#include "localgit/lfs_files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdlib>
#include <fstream>
#include <map>
#include <sstream>

#include "base/error_of.h"
#include "base/subprocess.h"
#include "base/text.h"
#include "crypto/hash.h"
#include "localgit/git_fixture.h"

namespace hubkeep {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

std::string text_of(const fs::path& file) {
  std::ostringstream text;
  text << std::ifstream(file, std::ios::binary).rdbuf();
  return text.str();
}

void write(const fs::path& file, const std::string& text) {
  fs::create_directories(file.parent_path());
  std::ofstream(file, std::ios::binary) << text;
}

class LfsFilesTest : public testing::Test {
 protected:
  LfsFilesTest() {
    git({"init", "--quiet", "--initial-branch=main"});
    write(tree() / ".gitattributes", "*.bin filter=lfs diff=lfs merge=lfs -text\n");
  }

  fs::path tree() const { return scratch_.path() / "tree"; }
  /// Without git-lfs, unless it is `with` it.
  std::string git(std::vector<std::string> arguments, bool with_lfs = false) const {
    fs::create_directories(tree());
    std::vector<std::string> all = {"git",         "-C", tree().string(), "-c",
                                    "user.name=a", "-c", "user.email=a@b"};
    if (with_lfs)
      for (const char* setting :
           {"filter.lfs.clean=git-lfs clean -- %f", "filter.lfs.smudge=git-lfs smudge -- %f",
            "filter.lfs.process=git-lfs filter-process", "filter.lfs.required=true"})
        all.insert(all.end(), {"-c", setting});
    all.insert(all.end(), arguments.begin(), arguments.end());
    const auto result = run_process(
        {.arguments = all, .environment = {"GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_NOSYSTEM=1"}}, {}, {});
    EXPECT_EQ(result.exit_code, 0) << result.errors;
    return result.output;
  }

  /// A pointer in the tree, whose object is there or not.
  void add_pointer(const std::string& path, const std::string& content, bool is_there = true) {
    const std::string oid = sha256_hex(content);
    write(tree() / path, "version https://git-lfs.github.com/spec/v1\noid sha256:" + oid + "\nsize " +
                             std::to_string(content.size()) + "\n");
    if (is_there) write(object(oid), content);
  }
  fs::path object(const std::string& oid) const {
    return tree() / ".git/lfs/objects" / oid.substr(0, 2) / oid.substr(2, 2) / oid;
  }
  void commit() const {
    git({"add", "--all"});
    git({"commit", "--quiet", "--message=all"});
  }
  LfsFiles put() const {
    return put_lfs_files(tree(),
                         [this](const LfsPointer& pointer) -> std::optional<fs::path> {
                           if (!fs::exists(object(pointer.oid))) return std::nullopt;
                           return object(pointer.oid);
                         },
                         {});
  }
  std::string status(bool with_lfs = false) const { return git({"status", "--porcelain"}, with_lfs); }

  ScratchFolder scratch_;
};

TEST_F(LfsFilesTest, PutsContentInPlaceOfPointersAndTellsGit) {
  add_pointer("a.bin", "content of a");
  add_pointer("folder/deep/b.bin", std::string(100'000, 'b'));
  write(tree() / "plain.txt", "plain\n");
  commit();

  const LfsFiles files = put();

  EXPECT_EQ(files.written, 2U);
  EXPECT_EQ(files.pointers, 0U);
  EXPECT_EQ(files.not_written.count, 0U);
  EXPECT_EQ(text_of(tree() / "a.bin"), "content of a");
  EXPECT_EQ(text_of(tree() / "folder/deep/b.bin"), std::string(100'000, 'b'));
  EXPECT_EQ(status(), "") << "git knows sizes and times, and looks into no file";
  EXPECT_EQ(status(true), "");
  EXPECT_EQ(put().written, 0U) << "all is done";
}

TEST_F(LfsFilesTest, IsTakenByGitLfsForItsOwnWorkEvenWhereGitLooksIntoEachFile) {
  add_pointer("a.bin", "content of a");
  add_pointer("b.bin", std::string(3'000'000, 'b'));
  commit();
  put();

  for (const char* name : {"a.bin", "b.bin"})
    fs::last_write_time(tree() / name, fs::file_time_type::clock::now());

  EXPECT_EQ(status(true), "");
  EXPECT_THAT(git({"lfs", "fsck"}, true), HasSubstr("Git LFS fsck OK"));
}

TEST_F(LfsFilesTest, LeavesWhatAttributesDoNotGiveToLfs) {
  add_pointer("pointer.txt", "no attribute speaks of it");
  add_pointer("own/other.bin", "its folder says otherwise");
  write(tree() / "own/.gitattributes", "*.bin -filter\n");
  commit();
  const std::string before = text_of(tree() / "pointer.txt");

  EXPECT_EQ(put().written, 0U);
  EXPECT_EQ(text_of(tree() / "pointer.txt"), before);
  EXPECT_THAT(text_of(tree() / "own/other.bin"), HasSubstr("oid sha256"));
}

TEST_F(LfsFilesTest, LeavesPointersWithoutAnObjectAndCountsThem) {
  add_pointer("a.bin", "there");
  add_pointer("b.bin", "not there", false);
  commit();

  const LfsFiles files = put();

  EXPECT_EQ(files.written, 1U);
  EXPECT_EQ(files.pointers, 1U);
  EXPECT_THAT(text_of(tree() / "b.bin"), HasSubstr("oid sha256"));
  EXPECT_EQ(status(), "");
}

TEST_F(LfsFilesTest, KeepsModes) {
  add_pointer("run.bin", "#!/bin/sh\n");
  fs::permissions(tree() / "run.bin", fs::perms(0750));
  commit();

  put();

  EXPECT_EQ(fs::status(tree() / "run.bin").permissions(), fs::perms(0750));
  EXPECT_EQ(status(true), "");
}

TEST_F(LfsFilesTest, LeavesWhatSomebodyHasChangedOrTakenAway) {
  add_pointer("changed.bin", "content");
  add_pointer("gone.bin", "content of another");
  add_pointer("link.bin", "content of a third");
  commit();
  write(tree() / "changed.bin", "mine");
  fs::remove(tree() / "gone.bin");
  fs::remove(tree() / "link.bin");
  const fs::path outside = scratch_.path() / "outside.bin";
  write(outside, "outside");
  fs::create_symlink(outside, tree() / "link.bin");

  EXPECT_EQ(put().written, 0U);
  EXPECT_EQ(text_of(tree() / "changed.bin"), "mine");
  EXPECT_FALSE(fs::exists(tree() / "gone.bin"));
  EXPECT_EQ(text_of(outside), "outside");
}

// A tree may name a link, and whoever is at work there may put one in a folder's place.
TEST_F(LfsFilesTest, FollowsNoLinkOutOfTheTree) {
  add_pointer("folder/a.bin", "content");
  commit();
  fs::rename(tree() / "folder", scratch_.path() / "elsewhere");
  fs::create_directory_symlink(scratch_.path() / "elsewhere", tree() / "folder");

  EXPECT_EQ(put().written, 0U);
  EXPECT_THAT(text_of(scratch_.path() / "elsewhere/a.bin"), HasSubstr("oid sha256"));
}

TEST_F(LfsFilesTest, GoesOnWhereAnotherRunWasKilled) {
  add_pointer("a.bin", "content of a");
  add_pointer("b.bin", std::string(200, 'b'));
  add_pointer("c.bin", "content of c");
  commit();
  // Killed after two files, and before the index.
  write(tree() / "a.bin", "content of a");
  write(tree() / "b.bin", std::string(200, 'b'));

  EXPECT_EQ(put().written, 3U);
  EXPECT_EQ(text_of(tree() / "c.bin"), "content of c");
  EXPECT_EQ(status(true), "");
}

TEST_F(LfsFilesTest, LeavesNothingHalfWhereAnObjectCannotBeRead) {
  add_pointer("a.bin", "content of a");
  commit();
  const std::string before = text_of(tree() / "a.bin");
  const fs::path folder = object(sha256_hex("content of a"));
  fs::remove(folder);
  fs::create_directory(folder);

  const LfsFiles files = put();

  EXPECT_EQ(files.not_written.count, 1U);
  EXPECT_EQ(text_of(tree() / "a.bin"), before);
  EXPECT_EQ(std::distance(fs::directory_iterator(tree()), fs::directory_iterator()), 3)
      << "nothing else is left";
}

TEST_F(LfsFilesTest, SaysWhereTheIndexIsOfAnotherVersion) {
  add_pointer("a.bin", "content of a");
  commit();
  git({"update-index", "--index-version=4"});

  EXPECT_THAT(put().not_written.named.at(0).why, HasSubstr("git lfs checkout"));
}

TEST_F(LfsFilesTest, EndsWhenItIsStopped) {
  add_pointer("a.bin", "content of a");
  commit();
  std::stop_source stop;
  stop.request_stop();

  EXPECT_EQ(error_of([&] {
              put_lfs_files(tree(), [](const LfsPointer&) { return std::nullopt; }, stop.get_token());
            }).kind(),
            ErrorKind::cancelled);
}

}  // namespace
}  // namespace hubkeep
