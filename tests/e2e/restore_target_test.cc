// Where a repository is restored to, and how much of it: into a folder that is there and empty, and one ref.

#include <gmock/gmock.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>

#include "e2e/end_to_end.h"

namespace hubkeep {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

class RestoreTarget : public EndToEnd {
 protected:
  void back_up() {
    const auto result = backup();
    ASSERT_EQ(result.exit_code, 0) << result.err;
  }
  sim::RunResult restore_with(std::vector<std::string> arguments, sim::Environment environment = {}) {
    arguments.insert(arguments.begin(), "restore");
    arguments.insert(arguments.end(), {"--from", vault().string()});
    return hubkeep(std::move(arguments), std::move(environment));
  }
  void expect_restored(const fs::path& folder, sim::RepositoryId id) {
    EXPECT_EQ(state_of(folder / ".git"), state_of(path_of(id)));
    EXPECT_EQ(sim::git(folder, {"status", "--porcelain"}), "");
    EXPECT_EQ(sim::git(folder, {"diff-files", "--name-only"}), "");
    EXPECT_EQ(sim::git(folder, {"fsck", "--full", "--strict", "--no-dangling"}), "");
    for (const auto& entry : fs::directory_iterator(folder))
      EXPECT_FALSE(entry.path().filename().string().starts_with(".hubkeep")) << entry.path();
  }
  static struct stat look_at(const fs::path& path) {
    struct stat status{};
    EXPECT_EQ(::stat(path.c_str(), &status), 0) << path;
    return status;
  }
  static std::string refs_in(const fs::path& folder) {
    return sim::git(folder, {"for-each-ref", "--format=%(refname)"});
  }
};

TEST_F(RestoreTarget, IsAnEmptyFolderThatStaysItself) {
  const auto id = add_filled("site");
  back_up();
  const fs::path folder = scratch_ / "folder";
  fs::create_directory(folder);
  fs::permissions(folder, static_cast<fs::perms>(02751));
  const auto before = look_at(folder);

  const auto result = restore_with({"octo/site", "folder"});

  EXPECT_EQ(result.exit_code, 0) << result.err;
  expect_restored(folder, id);
  EXPECT_EQ(look_at(folder).st_ino, before.st_ino);
  EXPECT_EQ(look_at(folder).st_mode, before.st_mode);
  const auto again = restore_with({"octo/site", "folder"});
  EXPECT_EQ(again.exit_code, 1);
  EXPECT_THAT(again.err, HasSubstr("exists already and is left alone: name another folder, or an empty one"));
  expect_restored(folder, id);
}

TEST_F(RestoreTarget, IsTheFolderInWhichTheShellStands) {
  const auto id = add_filled("site");
  back_up();

  const auto result = shell("mkdir here && cd here && hubkeep restore octo/site . --from '" +
                            vault().string() + "' && git status --porcelain && pwd -P");

  EXPECT_EQ(result.exit_code, 0) << result.err;
  expect_restored(scratch_ / "here", id);
}

TEST_F(RestoreTarget, IsAnEmptyFolderOfABareRepositoryToo) {
  const auto id = add_filled("site");
  back_up();
  for (const std::string kind : {"--bare", "--mirror"}) {
    fs::create_directory(scratch_ / kind);

    EXPECT_EQ(restore_with({"octo/site", "./" + kind, kind}).exit_code, 0);

    EXPECT_EQ(state_of(scratch_ / kind), state_of(path_of(id)));
    EXPECT_EQ(sim::git(scratch_ / kind, {"rev-parse", "--is-bare-repository"}), "true");
  }
}

TEST_F(RestoreTarget, MayBeALinkToAnEmptyFolder) {
  const auto id = add_filled("site");
  back_up();
  fs::create_directory(scratch_ / "far");
  fs::create_directory_symlink("far", scratch_ / "link");

  EXPECT_EQ(restore_with({"octo/site", "link"}).exit_code, 0);

  EXPECT_TRUE(fs::is_symlink(scratch_ / "link"));
  expect_restored(scratch_ / "far", id);
}

TEST_F(RestoreTarget, OfAllMayBeEmptyAndHoldEmptyFolders) {
  const auto first = add_filled("one", 1);
  const auto second = add_filled("two", 2);
  back_up();
  fs::create_directories(scratch_ / "all/octo/one");
  fs::create_directory(scratch_ / "empty");

  EXPECT_EQ(restore_with({"--all", "all"}).exit_code, 0);
  EXPECT_EQ(restore_with({"--all", "empty"}).exit_code, 0);

  for (const std::string folder : {"all", "empty"}) {
    expect_restored(scratch_ / folder / "octo/one", first);
    expect_restored(scratch_ / folder / "octo/two", second);
  }
}

TEST_F(RestoreTarget, OfAPrivateRepositoryIsClosedToOthers) {
  const auto id = add_repository("site", {.is_private = true});
  sim::make_repository_content(path_of(id), 1, 5, 3);
  pushed(id);
  back_up();
  fs::create_directory(scratch_ / "folder");
  fs::permissions(scratch_ / "folder", static_cast<fs::perms>(0755));

  EXPECT_EQ(restore_with({"octo/site", "folder"}).exit_code, 0);

  EXPECT_EQ(look_at(scratch_ / "folder").st_mode & 07777U, 0700U);
  expect_restored(scratch_ / "folder", id);
}

TEST_F(RestoreTarget, StaysEmptyWhenTheRestoreFails) {
  const auto id = add_filled("site");
  back_up();
  for (const auto& file : fs::directory_iterator(folder_of(id) / "git")) {
    if (file.path().extension() == ".bundle") fs::remove(file.path());
  }
  fs::create_directory(scratch_ / "folder");

  EXPECT_EQ(restore_with({"octo/site", "folder"}).exit_code, 1);

  EXPECT_TRUE(fs::is_empty(scratch_ / "folder"));
}

TEST_F(RestoreTarget, MayHoldWhatAKilledRestoreHasLeft) {
  const auto id = add_filled("site");
  back_up();
  fs::create_directories(scratch_ / "folder/.hubkeep-restore-dead/.git");

  EXPECT_EQ(restore_with({"octo/site", "folder"}).exit_code, 0);

  EXPECT_EQ(state_of(scratch_ / "folder/.git"), state_of(path_of(id)));
}

TEST_F(RestoreTarget, MayBeAnotherDiskThanTheTemporaryFolder) {
  const auto id = add_filled("site");
  back_up();
  const fs::path other = fs::path("/dev/shm") / ("hubkeep-test-" + std::to_string(getpid()));
  if (!fs::exists("/dev/shm") || look_at("/dev/shm").st_dev == look_at(scratch_.path()).st_dev)
    GTEST_SKIP() << "/dev/shm is no file system of its own";
  fs::create_directories(other / "temporary");
  fs::create_directory(other / "target");
  fs::create_directory(scratch_ / "folder");

  const auto here = restore_with({"octo/site", "folder", "--temp-dir", (other / "temporary").string()});
  const auto there = restore_with({"octo/site", (other / "target").string(), "--temp-dir", "."});

  EXPECT_EQ(here.exit_code, 0) << here.err;
  EXPECT_EQ(there.exit_code, 0) << there.err;
  expect_restored(scratch_ / "folder", id);
  expect_restored(other / "target", id);
  EXPECT_TRUE(fs::is_empty(other / "temporary"));
  fs::remove_all(other);
}

class MountedTarget : public RestoreTarget {
 protected:
  void SetUp() override {
    fs::create_directory(scratch_ / "mounted");
    mounted_ = mount("tmpfs", (scratch_ / "mounted").c_str(), "tmpfs", 0, "size=16m") == 0;
    if (!mounted_) GTEST_SKIP() << "mounting a file system needs root";
  }
  void TearDown() override {
    if (mounted_) umount((scratch_ / "mounted").c_str());
  }
  bool mounted_ = false;
};

TEST_F(MountedTarget, IsFilled) {
  const auto id = add_filled("site");
  back_up();

  const auto result = restore_with({"octo/site", "mounted"});

  EXPECT_EQ(result.exit_code, 0) << result.err;
  expect_restored(scratch_ / "mounted", id);
}

class RestoreRef : public RestoreTarget {
 protected:
  // main with a tag v7 behind it, feature beside it, a pull request, and a name for two things.
  sim::RepositoryId add_refs(const std::string& name, const sim::RepositoryOptions& options = {}) {
    const auto id = add_repository(name, options);
    const auto repository = path_of(id);
    sim::make_repository_content(repository, 1, 5, 3);
    sim::git(repository, {"tag", "-a", "-m", "one", "v7", "main~1"});
    sim::git(repository, {"tag", "-a", "-m", "twice", "v7-again", "v7"});
    sim::git(repository, {"tag", "lightweight", "main~1"});
    sim::git(repository, {"tag", "both", "main"});
    sim::git(repository, {"tag", "blob", sim::git(repository, {"hash-object", "-w", "--stdin"}, "1")});
    sim::git(repository, {"branch", "both", "main"});
    sim::git(repository, {"branch", "feature", "main~2"});
    sim::git(repository, {"update-ref", "refs/pull/7/head", "main~1"});
    pushed(id);
    return id;
  }
  std::string commit_of(sim::RepositoryId id, const std::string& revision) {
    return sim::git(path_of(id), {"rev-parse", revision + "^{commit}"});
  }
  int count_ = 0;
};

TEST_F(RestoreRef, IsABranchATagOrAnyOther) {
  struct Case {
    std::string name;
    std::string full;
    std::string head;  // its branch; none: it is detached
  };
  const auto classic = add_refs("classic");
  const auto modern = add_refs("modern", {.object_format = sim::ObjectFormat::sha256});
  back_up();

  for (const auto& [repository, id] : {std::pair{"classic", classic}, {"modern", modern}}) {
    for (const Case& one :
         {Case{"feature", "refs/heads/feature", "refs/heads/feature"}, Case{"v7", "refs/tags/v7", ""},
          Case{"v7-again", "refs/tags/v7-again", ""}, Case{"lightweight", "refs/tags/lightweight", ""},
          Case{"refs/heads/both", "refs/heads/both", "refs/heads/both"},
          Case{"refs/tags/both", "refs/tags/both", ""}, Case{"refs/pull/7/head", "refs/pull/7/head", ""}}) {
      SCOPED_TRACE(repository + (" " + one.name));
      const auto full = std::string("octo/") + repository;
      for (const std::string kind : {"", "--bare", "--mirror"}) {
        const fs::path folder = scratch_ / ("out-" + std::to_string(++count_));
        std::vector<std::string> arguments = {full, folder.string(), "--ref", one.name};
        if (!kind.empty()) arguments.push_back(kind);

        const auto result = restore_with(arguments);

        ASSERT_EQ(result.exit_code, 0) << result.err;
        EXPECT_EQ(refs_in(folder), one.full);
        EXPECT_EQ(sim::git(folder, {"rev-parse", one.full}), sim::git(path_of(id), {"rev-parse", one.full}));
        EXPECT_EQ(sim::git(folder, {"rev-parse", "HEAD"}), commit_of(id, one.full));
        EXPECT_EQ(sim::run({"git", "-C", folder.string(), "symbolic-ref", "-q", "HEAD"}).out,
                  one.head.empty() ? "" : one.head + "\n");
        EXPECT_EQ(sim::git(folder, {"fsck", "--full", "--no-dangling"}), "");
        if (!kind.empty()) continue;
        EXPECT_EQ(sim::git(folder, {"status", "--porcelain"}), "");
        EXPECT_EQ(sim::git(folder, {"ls-files"}),
                  sim::git(path_of(id), {"ls-tree", "-r", "--name-only", one.full}));
      }
    }
  }
}

TEST_F(RestoreRef, ThatIsNoCommitHasNoFiles) {
  add_refs("site");
  back_up();

  const auto result = restore_with({"octo/site", "out", "--ref", "blob"});

  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.err, HasSubstr("its HEAD leads nowhere, so no file is checked out"));
  EXPECT_EQ(refs_in(scratch_ / "out"), "refs/tags/blob");
}

TEST_F(RestoreRef, ThatIsNotThereOrMeansSeveralIsRefused) {
  add_refs("site");
  back_up();

  const auto missing = restore_with({"octo/site", "out", "--ref", "faeture"});
  const auto several = restore_with({"octo/site", "out", "--ref", "both"});
  const auto all = restore_with({"--all", "out", "--ref", "main"});

  EXPECT_EQ(missing.exit_code, 1);
  EXPECT_THAT(missing.err, HasSubstr("the snapshot has no ref faeture; it has refs/heads/feature"));
  EXPECT_EQ(several.exit_code, 1);
  EXPECT_THAT(several.err, HasSubstr("both means several refs, refs/heads/both and refs/tags/both"));
  EXPECT_EQ(all.exit_code, 2);
  EXPECT_THAT(all.err, HasSubstr("--ref is a ref of one repository"));
  EXPECT_FALSE(fs::exists(scratch_ / "out"));
}

TEST_F(RestoreRef, IsTheSnapshotsAndNotTodays) {
  const auto id = add_refs("site");
  back_up();
  const auto first = commit_of(id, "feature");
  sim::git(path_of(id), {"update-ref", "-d", "refs/heads/feature"});
  pushed(id);
  back_up();
  const auto ids = snapshots_of(folder_of(id));
  ASSERT_EQ(ids.size(), 2U);

  const auto now = restore_with({"octo/site", "now", "--ref", "feature"});
  const auto then = restore_with({"octo/site", "then", "--ref", "feature", "--at", ids[0]});

  EXPECT_EQ(now.exit_code, 1);
  EXPECT_EQ(then.exit_code, 0) << then.err;
  EXPECT_EQ(sim::git(scratch_ / "then", {"rev-parse", "HEAD"}), first);
}

}  // namespace
}  // namespace hubkeep
