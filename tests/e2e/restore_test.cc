// Restore as a user meets it: which repository, which snapshot, where to, and what is said when it cannot be.

#include <gmock/gmock.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>

#include "e2e/end_to_end.h"
#include "e2e/file_faults.h"

namespace hubkeep {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

class Restore : public EndToEnd {
 protected:
  sim::RepositoryId add_filled(const std::string& name, unsigned seed = 1,
                               const sim::RepositoryOptions& options = {}) {
    const auto id = add_repository(name, options);
    sim::make_repository_content(path_of(id), seed, 5, 3);
    pushed(id);
    return id;
  }
  void push(sim::RepositoryId id, const std::string& message) {
    const auto commit = sim::git(path_of(id), {"commit-tree", "-m", message, "-p", "main", "main^{tree}"});
    sim::git(path_of(id), {"update-ref", "refs/heads/main", commit});
    pushed(id);
  }
  void back_up() {
    const auto result = backup();
    ASSERT_EQ(result.exit_code, 0) << result.err;
  }
  sim::RunResult restore_with(std::vector<std::string> arguments, sim::Environment environment = {}) {
    arguments.insert(arguments.begin(), "restore");
    arguments.insert(arguments.end(), {"--from", vault().string()});
    return hubkeep(std::move(arguments), std::move(environment));
  }
  std::size_t left_in_scratch() const {
    return static_cast<std::size_t>(std::count_if(
        fs::directory_iterator(scratch_.path()), fs::directory_iterator(),
        [](const auto& entry) { return entry.path().filename().string().starts_with(".hubkeep-restore"); }));
  }
};

// The README's line that pushes a mirror to GitHub again, to `url` in place of the one given there.
std::string push_command_of_readme(const std::string& url) {
  std::ifstream readme(HUBKEEP_SOURCE_DIR "/README.md");
  for (std::string line; std::getline(readme, line);) {
    const auto begin = line.find("git -C site.git push");
    const auto address = line.find("https://");
    if (begin == std::string::npos || address == std::string::npos) continue;
    return line.substr(begin, address - begin) + url + line.substr(line.find(' ', address));
  }
  ADD_FAILURE() << "README.md does not say how to push a mirror";
  return "false";
}

void overwrite(const fs::path& file, std::string_view bytes) {
  std::ofstream(file, std::ios::binary | std::ios::trunc) << bytes;
}

void flip_a_byte(const fs::path& file) {
  std::fstream stream(file, std::ios::in | std::ios::out | std::ios::binary);
  stream.seekg(-9, std::ios::end);
  const char byte = static_cast<char>(stream.get() ^ 0x10);
  stream.seekp(-9, std::ios::end);
  stream.put(byte);
}

TEST_F(Restore, OfAllGivesEachRepositoryAFolderOfItsOwn) {
  const auto gone = add_filled("site", 1);
  const auto renamed = add_filled("old", 2);
  back_up();
  const std::string gone_state = state_of(path_of(gone));
  world_.remove(gone);
  world_.rename(renamed, "new");
  const auto second = add_filled("SITE", 3);
  const auto under_old_name = add_filled("old", 4);
  // Named as the one that is gone will be called.
  const auto collides = add_filled("site." + std::to_string(gone), 5);
  back_up();

  const auto result = restore_with({"--all", "everything", "--bare"});

  EXPECT_EQ(result.exit_code, 0) << result.err;
  const auto folder = scratch_ / "everything/octo";
  EXPECT_EQ(state_of(folder / "SITE.git"), state_of(path_of(second)));
  EXPECT_EQ(state_of(folder / "new.git"), state_of(path_of(renamed)));
  EXPECT_EQ(state_of(folder / "old.git"), state_of(path_of(under_old_name)));
  EXPECT_EQ(state_of(folder / ("site." + std::to_string(gone) + ".git")), state_of(path_of(collides)));
  const auto of_gone = "site." + std::to_string(gone) + "." + std::to_string(gone) + ".git";
  EXPECT_EQ(state_of(folder / of_gone), gone_state);
}

TEST_F(Restore, OfAllGoesOnPastADamagedOneAndSaysSo) {
  const auto good = add_filled("good", 1);
  const auto bad = add_filled("bad", 2);
  back_up();
  for (const auto& file : fs::directory_iterator(folder_of(bad) / "git")) {
    if (file.path().extension() == ".bundle") fs::remove(file.path());
  }

  const auto some = restore_with({"--all", "some", "--bare", "--json"});
  fs::remove_all(folder_of(good) / "git");
  const auto none = restore_with({"--all", "none", "--bare"});

  EXPECT_EQ(some.exit_code, 3);
  EXPECT_THAT(some.err, HasSubstr("octo/bad: failed: "));
  const auto restored = nlohmann::json::parse(some.out)["restored"];
  EXPECT_EQ(restored.size(), 2U);
  EXPECT_EQ(state_of(scratch_ / "some/octo/good.git"), state_of(path_of(good)));
  EXPECT_FALSE(fs::exists(scratch_ / "some/octo/bad.git"));
  EXPECT_EQ(none.exit_code, 1);
}

TEST_F(Restore, OfAllTakesWhatAnEarlierRunRestoredAsDone) {
  const auto first = add_filled("first", 1);
  const auto second = add_filled("second", 2);
  back_up();
  for (const std::string kind : {"", "--bare", "--mirror"}) {
    const std::string folder = "all" + kind;
    std::vector<std::string> arguments = {"--all", folder, "--json"};
    if (!kind.empty()) arguments.push_back(kind);
    const auto of = [&](const std::string& name) {
      return scratch_ / folder / "octo" / (name + (kind.empty() ? "" : ".git"));
    };
    ASSERT_EQ(restore_with(arguments).exit_code, 0);
    fs::remove_all(of("second"));

    const auto rest = restore_with(arguments);
    const auto nothing = restore_with(arguments);

    EXPECT_EQ(rest.exit_code, 0) << rest.err;
    EXPECT_THAT(rest.err, HasSubstr("octo/first: there already: "));
    const auto restored = nlohmann::json::parse(rest.out)["restored"];
    ASSERT_EQ(restored.size(), 2U);
    EXPECT_EQ(restored[0].value("was_there", false), true);
    EXPECT_EQ(restored[1].value("was_there", false), false);
    const fs::path git = kind.empty() ? ".git" : "";
    EXPECT_EQ(state_of(of("first") / git), state_of(path_of(first)));
    EXPECT_EQ(state_of(of("second") / git), state_of(path_of(second)));
    EXPECT_EQ(nothing.exit_code, 0) << nothing.err;
  }
}

TEST_F(Restore, OfAllTakesNothingElseAsDone) {
  const auto id = add_filled("site", 1);
  back_up();
  ASSERT_EQ(restore_with({"--all", "moved", "--bare"}).exit_code, 0);
  ASSERT_EQ(restore_with({"--all", "older", "--bare"}).exit_code, 0);
  ASSERT_EQ(restore_with({"--all", "kind", "--mirror"}).exit_code, 0);
  ASSERT_EQ(restore_with({"--all", "half"}).exit_code, 0);
  sim::git(scratch_ / "moved/octo/site.git", {"update-ref", "refs/heads/mine", "HEAD"});
  fs::create_directory(scratch_ / "half/octo/site/.hubkeep-restore-0123456789abcdef");
  fs::create_directories(scratch_ / "other/octo/site.git/objects");

  for (const std::string folder : {"moved", "kind", "other"}) {
    const auto result = restore_with({"--all", folder, "--bare"});
    EXPECT_EQ(result.exit_code, 1) << folder;
    EXPECT_THAT(result.err, HasSubstr("exists already and is left alone"));
  }
  EXPECT_EQ(restore_with({"--all", "half"}).exit_code, 1);
  push_file(id, "newer");
  back_up();
  EXPECT_EQ(restore_with({"--all", "older", "--bare"}).exit_code, 1);
}

TEST_F(Restore, TakesTheOneThatIsMeant) {
  const auto first = add_filled("site", 1);
  back_up();
  world_.rename(first, "renamed");
  const auto second = add_filled("site", 2);
  back_up();
  const auto second_state = state_of(path_of(second));
  world_.remove(second);
  back_up();

  EXPECT_EQ(state_of(restore("octo/site")), second_state);
  EXPECT_EQ(state_of(restore("OCTO/Renamed")), state_of(path_of(first)));
  EXPECT_EQ(state_of(restore("octo/site@" + std::to_string(first))), state_of(path_of(first)));
  const auto missing = restore_with({"octo/missing"});
  EXPECT_EQ(missing.exit_code, 1);
  EXPECT_THAT(missing.err, HasSubstr("the vault holds no repository octo/missing"));
  EXPECT_EQ(restore_with({"octo/site@12345"}).exit_code, 1);
}

TEST_F(Restore, TakesTheSnapshotThatIsMeant) {
  const auto id = add_filled("site");
  back_up();
  const auto first_state = state_of(path_of(id));
  push(id, "second");
  back_up();
  const auto second_state = state_of(path_of(id));
  push(id, "third");
  back_up();
  const auto ids = snapshots_of(folder_of(id));
  ASSERT_EQ(ids.size(), 3U);
  // 20261123T184501Z-… as a person writes it.
  const auto time_of = [](const std::string& s) {
    return s.substr(0, 4) + "-" + s.substr(4, 2) + "-" + s.substr(6, 5) + ":" + s.substr(11, 2) + ":" +
           s.substr(13, 2);
  };

  EXPECT_EQ(state_of(restore("octo/site", ids[0])), first_state);
  EXPECT_EQ(state_of(restore("octo/site", time_of(ids[0]) + "Z")), first_state);
  EXPECT_EQ(state_of(restore("octo/site", time_of(ids[1]))), second_state);
  EXPECT_EQ(state_of(restore("octo/site", "2999-01-01")), state_of(path_of(id)));
}

TEST_F(Restore, SaysWhenThereIsNoSuchSnapshot) {
  add_filled("site");
  back_up();

  const auto before = restore_with({"octo/site", "out", "--at", "2001-01-01"});
  const auto unknown = restore_with({"octo/site", "out", "--at", "20200101T000000Z-abcdef"});
  const auto nonsense = restore_with({"octo/site", "out", "--at", "yesterday"});

  EXPECT_EQ(before.exit_code, 1);
  EXPECT_THAT(before.err, AllOf(HasSubstr("no snapshot is as old as 2001-01-01T23:59:59Z: "),
                                HasSubstr("hubkeep list --from " + vault().string() + " octo/site@")));
  EXPECT_EQ(unknown.exit_code, 1);
  EXPECT_THAT(unknown.err, HasSubstr("20200101T000000Z-abcdef"));
  EXPECT_EQ(nonsense.exit_code, 1);
  EXPECT_THAT(nonsense.err, HasSubstr("neither a snapshot nor a time"));
  EXPECT_FALSE(fs::exists(scratch_ / "out"));
}

TEST_F(Restore, LeavesAloneWhatExists) {
  add_filled("site");
  back_up();
  fs::create_directory(scratch_ / "folder");
  overwrite(scratch_ / "folder/mine", "precious");
  overwrite(scratch_ / "file", "precious");
  fs::create_symlink("nowhere", scratch_ / "link");

  for (const std::string name : {"folder", "folder/", "file", "link", "."}) {
    const auto result = restore_with({"octo/site", name});
    EXPECT_EQ(result.exit_code, 1);
    EXPECT_THAT(result.err, HasSubstr("exists already and is left alone")) << name;
  }

  EXPECT_EQ(std::distance(fs::directory_iterator(scratch_ / "folder"), fs::directory_iterator()), 1);
  EXPECT_EQ(fs::file_size(scratch_ / "folder/mine"), 8U);
  EXPECT_EQ(fs::file_size(scratch_ / "file"), 8U);
  EXPECT_EQ(left_in_scratch(), 0U);
}

TEST_F(Restore, SaysWhenAFileIsInTheWayOfItsFolder) {
  add_filled("site");
  back_up();
  overwrite(scratch_ / "file", "precious");

  const auto beside = restore_with({"octo/site", "file/out"});
  const auto moved = restore_with({"octo/site", "file/out", "--temp-dir", "."});

  EXPECT_EQ(beside.exit_code, 1);
  EXPECT_THAT(beside.err, HasSubstr("cannot make the folder "));
  EXPECT_EQ(moved.exit_code, 1);
  EXPECT_THAT(moved.err, HasSubstr("cannot move the repository to "));
  EXPECT_EQ(fs::file_size(scratch_ / "file"), 8U);
  EXPECT_EQ(left_in_scratch(), 0U);
}

TEST_F(Restore, MakesTheFoldersAboveIt) {
  const auto id = add_filled("site");
  back_up();

  for (const std::string name : {"out", "slash/", "a/b/../c/d", "x//y//"}) {
    const auto result = restore_with({"octo/site", name});
    EXPECT_EQ(result.exit_code, 0) << result.err;
    const auto folder = (scratch_ / name).lexically_normal();
    EXPECT_EQ(state_of(folder / ".git"), state_of(path_of(id)));
    EXPECT_EQ(sim::git(folder, {"status", "--porcelain"}), "");
  }
  EXPECT_EQ(left_in_scratch(), 0U);
}

TEST_F(Restore, IsPutTogetherElsewhereAndMoved) {
  const auto id = add_filled("site");
  back_up();
  const fs::path other = fs::path("/dev/shm") / ("hubkeep-test-" + std::to_string(getpid()));
  struct stat here{};
  struct stat there{};
  if (stat(scratch_.path().c_str(), &here) != 0 || stat("/dev/shm", &there) != 0 ||
      here.st_dev == there.st_dev) {
    GTEST_SKIP() << "/dev/shm is no file system of its own";
  }
  fs::create_directory(other);

  const auto result = restore_with({"octo/site", "out", "--temp-dir", other.string()});

  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(state_of(scratch_ / "out/.git"), state_of(path_of(id)));
  EXPECT_EQ(sim::git(scratch_ / "out", {"status", "--porcelain"}), "");
  EXPECT_TRUE(fs::is_empty(other));
  EXPECT_EQ(left_in_scratch(), 0U);
  fs::remove_all(other);
}

class SmallDisk : public Restore {
 protected:
  void SetUp() override {
    fs::create_directory(scratch_ / "small");
    mounted_ = mount("tmpfs", (scratch_ / "small").c_str(), "tmpfs", 0, "size=512k") == 0;
    if (!mounted_) GTEST_SKIP() << "mounting a small file system needs root";
  }
  void TearDown() override {
    if (mounted_) umount((scratch_ / "small").c_str());
  }
  bool mounted_ = false;
};

TEST_F(SmallDisk, IsSeenBeforeARestoreStarts) {
  add_filled("site");
  back_up();

  const auto target = restore_with({"octo/site", "small/out"});
  const auto temporary = restore_with({"octo/site", "out", "--temp-dir", "small"});
  const auto moved_to = restore_with({"octo/site", "small/out", "--temp-dir", "."});

  for (const auto& result : {target, temporary, moved_to}) {
    EXPECT_EQ(result.exit_code, 1);
    EXPECT_THAT(result.err, AllOf(HasSubstr("restoring needs about 1."), HasSubstr("MiB and "),
                                  HasSubstr("small has 512.0 KiB free")));
  }
  EXPECT_TRUE(fs::is_empty(scratch_ / "small"));
  EXPECT_FALSE(fs::exists(scratch_ / "out"));
}

TEST_F(Restore, OfAMirrorKnowsItsOriginAndPushesAsTheReadmeSays) {
  const auto id = add_filled("site");
  back_up();
  ASSERT_EQ(restore_with({"octo/site", "site.git", "--mirror"}).exit_code, 0);
  EXPECT_EQ(sim::git(scratch_ / "site.git", {"config", "--get-regexp", "^remote"}),
            "remote.origin.url " + github_.clone_url(id) +
                "\nremote.origin.fetch +refs/*:refs/*\nremote.origin.mirror true");
  // What GitHub does with refs/pull/*.
  const auto again = scratch_ / "again.git";
  sim::run_checked({"git", "init", "--quiet", "--bare", again.string()});
  sim::git(again, {"config", "receive.hideRefs", "refs/pull"});
  const auto as_mirror =
      sim::run({"git", "-C", (scratch_ / "site.git").string(), "push", "--mirror", again.string()});
  EXPECT_NE(as_mirror.exit_code, 0);

  const auto by_readme =
      sim::run({"sh", "-c", push_command_of_readme(again.string())}, {.cwd = scratch_.path()});

  EXPECT_EQ(by_readme.exit_code, 0) << by_readme.err;
  const std::vector<std::string> refs = {"for-each-ref", "--format=%(objectname) %(refname)", "refs/heads",
                                         "refs/tags"};
  EXPECT_EQ(sim::git(again, refs), sim::git(path_of(id), refs));
  EXPECT_EQ(sim::git(again, {"for-each-ref", "refs/pull"}), "");
}

TEST_F(Restore, OfWhatHasNoCommitsOrADetachedHead) {
  const auto empty = add_repository("empty");
  const auto unborn = add_filled("unborn");
  sim::git(path_of(unborn), {"symbolic-ref", "HEAD", "refs/heads/nothing-yet"});
  const auto detached = add_filled("detached");
  sim::git(path_of(detached), {"update-ref", "--no-deref", "HEAD", "topic/side"});
  back_up();

  for (const auto& [name, id] : std::map<std::string, sim::RepositoryId>{
           {"empty", empty}, {"unborn", unborn}, {"detached", detached}}) {
    for (const std::string form : {"--bare", "--mirror"}) {
      const auto folder = name + form;
      EXPECT_EQ(restore_with({"octo/" + name, folder, form}).exit_code, 0);
      EXPECT_EQ(state_of(scratch_ / folder), state_of(path_of(id)));
    }
    const auto work = restore_with({"octo/" + name, name});
    EXPECT_EQ(work.exit_code, 0) << work.err;
    EXPECT_EQ(state_of(scratch_ / name / ".git"), state_of(path_of(id)));
    EXPECT_EQ(sim::git(scratch_ / name, {"status", "--porcelain"}), "");
  }
}

TEST_F(Restore, OfSha256NeedsGitAndSaysWhatToDoWithoutIt) {
  const auto id = add_filled("modern", 1, {.object_format = sim::ObjectFormat::sha256});
  const auto classic = add_filled("classic", 2);
  back_up();

  const auto with_git = restore_with({"octo/modern", "modern"});
  const auto without = restore_with({"octo/modern", "without"}, {{"PATH", "/nonexistent"}});
  const auto sha1_without = restore_with({"octo/classic", "classic"}, {{"PATH", "/nonexistent"}});

  EXPECT_EQ(with_git.exit_code, 0) << with_git.err;
  EXPECT_EQ(state_of(scratch_ / "modern/.git"), state_of(path_of(id)));
  EXPECT_EQ(without.exit_code, 1);
  EXPECT_THAT(without.err, AllOf(HasSubstr("install git 2.29 or newer and give the same command again"),
                                 HasSubstr("follow README.txt of the vault"), Not(HasSubstr("\\x"))));
  EXPECT_EQ(state_of(restore_by_readme(folder_of(id), snapshots_of(folder_of(id)).back())),
            state_of(path_of(id)));
  EXPECT_FALSE(fs::exists(scratch_ / "without"));
  const auto mirror_without = restore_with({"octo/modern", "mirror", "--mirror"}, {{"PATH", "/nonexistent"}});
  EXPECT_EQ(mirror_without.exit_code, 0) << mirror_without.err;
  EXPECT_EQ(state_of(scratch_ / "mirror"), state_of(path_of(id)));
  EXPECT_EQ(sim::git(scratch_ / "mirror", {"fsck", "--full"}), "");
  EXPECT_EQ(sha1_without.exit_code, 0) << sha1_without.err;
  EXPECT_EQ(state_of(scratch_ / "classic/.git"), state_of(path_of(classic)));
}

// At each object that is read of the vault, and when all is read and only waits to be written to disk.
TEST_F(Restore, ThatWasKilledIsGoneOnWith) {
  const auto id = add_filled("site");
  back_up();
  for (const char* message : {"one", "two"}) {
    push(id, message);
    back_up();
  }
  const fs::path log = scratch_ / "calls";
  const auto opened = [&](const std::string& pattern) {
    std::size_t count = 0;
    for (const FileCall& call : read_file_calls(log, pattern)) count += call.operation == "open" ? 1 : 0;
    return count;
  };
  const auto restore_under = [&](const fs::path& root, const FileFault& fault) {
    fs::remove(log);
    return restore_with({"octo/site", "out", "--mirror"}, file_fault_environment(root, log, fault));
  };
  ASSERT_EQ(restore_under(vault(), {}).exit_code, 0);
  const std::size_t packs = opened("*.bundle") + opened("*.idx");
  const std::size_t reads = opened("*");
  ASSERT_GE(packs, 3U);

  struct Kill {
    fs::path root;
    FileFault fault;
    bool is_all_read = false;
  };
  std::vector<Kill> kills = {
      {vault(), {.object = "*.refs.zst", .operation = "open", .action = "kill-before"}, true},
      {scratch_.path(), {.operation = "sync", .action = "kill-before"}, true},
      {scratch_.path(), {.operation = "sync-folder", .action = "kill-before"}, true}};
  for (std::size_t number = 1; number <= reads; ++number)
    kills.push_back(
        {vault(), {.operation = "open", .call = std::to_string(number), .action = "kill-before"}});
  for (const Kill& kill : kills) {
    fs::remove_all(scratch_ / "out");
    const auto killed = restore_under(kill.root, kill.fault);
    EXPECT_EQ(killed.exit_code, 128 + SIGKILL);
    EXPECT_FALSE(fs::exists(scratch_ / "out"));
    if (kill.is_all_read) {
      EXPECT_EQ(left_in_scratch(), 1U);
    }

    const auto result = restore_under(vault(), {});

    EXPECT_EQ(result.exit_code, 0) << result.err;
    EXPECT_EQ(state_of(scratch_ / "out"), state_of(path_of(id)));
    EXPECT_EQ(sim::git(scratch_ / "out", {"fsck", "--full"}), "");
    EXPECT_LE(opened("*.bundle") + opened("*.idx"), kill.is_all_read ? 0 : packs);
    EXPECT_EQ(left_in_scratch(), 0U);
  }
}

TEST_F(Restore, WorksWithoutACatalog) {
  const auto id = add_filled("site");
  back_up();

  for (const std::string content : {"", "no zstd"}) {
    content.empty() ? void(fs::remove(vault() / "catalog.jsonl.zst"))
                    : overwrite(vault() / "catalog.jsonl.zst", content);
    const auto result = restore_with({"octo/site", "out"});
    EXPECT_EQ(result.exit_code, 0);
    EXPECT_THAT(result.err, HasSubstr("it is made again from the snapshots"));
    EXPECT_EQ(state_of(scratch_ / "out/.git"), state_of(path_of(id)));
    fs::remove_all(scratch_ / "out");
  }
}

TEST_F(Restore, NamesTheObjectThatIsDamagedOrMissing) {
  const auto id = add_filled("site");
  back_up();
  const auto snapshot = snapshots_of(folder_of(id)).front();
  const auto bundle = "git/" + snapshot + ".bundle";
  const auto refs = "git/" + snapshot + ".refs.zst";
  const auto manifest = "snapshots/" + snapshot + ".json.zst";

  for (const auto& key : {bundle, refs, manifest}) {
    for (const bool removed : {false, true}) {
      const auto file = folder_of(id) / key;
      fs::copy_file(file, scratch_ / "copy");
      removed ? void(fs::remove(file)) : flip_a_byte(file);

      const auto result = restore_with({"octo/site", "out"});

      EXPECT_EQ(result.exit_code, 1);
      EXPECT_THAT(result.err, HasSubstr(key));
      EXPECT_EQ(result.err.find("hubkeep verify --deep --from " + vault().string() + " octo/site@") ==
                    std::string::npos,
                key == manifest);
      EXPECT_FALSE(fs::exists(scratch_ / "out"));
      EXPECT_EQ(left_in_scratch(), 0U);
      fs::rename(scratch_ / "copy", file);
    }
  }
}

TEST_F(Restore, RefusesWhatIsNoVault) {
  add_filled("site");
  back_up();
  fs::create_directory(scratch_ / "empty");

  const auto empty = hubkeep({"restore", "octo/site", "--from", "empty"});
  const auto missing = hubkeep({"list", "--from", "missing"});
  overwrite(vault() / "hubkeep.json", R"({"format": 2, "vault": "x"})");
  const auto newer = restore_with({"octo/site"});

  EXPECT_THAT(empty.err, HasSubstr("is not a hubkeep vault"));
  EXPECT_THAT(missing.err, HasSubstr("missing"));
  EXPECT_THAT(newer.err, HasSubstr("storage format 2 is not known to this version"));
  for (const auto& result : {empty, missing, newer}) EXPECT_EQ(result.exit_code, 1) << result.err;
}

}  // namespace
}  // namespace hubkeep
