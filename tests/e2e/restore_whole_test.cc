// What one bad thing costs a restore: no more than that thing.

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "base/text.h"
#include "crypto/hash.h"
#include "e2e/end_to_end.h"

namespace hubkeep {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

class RestoreWhole : public EndToEnd {
 protected:
  std::string blob(sim::RepositoryId id, const std::string& content) {
    return sim::git(path_of(id), {"hash-object", "-w", "--stdin"}, content);
  }
  static std::string entry(const std::string& mode, const std::string& name, const std::string& oid) {
    return mode + " " + name + '\0' + from_hex(oid);
  }
  // A repository with one commit of a tree that plain git would not make.
  sim::RepositoryId add_tree(const std::string& name,
                             const std::function<std::string(sim::RepositoryId)>& entries) {
    const auto id = add_repository(name);
    const auto tree = sim::git(path_of(id), {"hash-object", "-w", "-t", "tree", "--literally", "--stdin"},
                               entries(id) + entry("100644", "good", blob(id, "good\n")));
    const auto commit = sim::git(path_of(id), {"commit-tree", "-m", name, tree});
    sim::git(path_of(id), {"update-ref", "refs/heads/main", commit});
    pushed(id);
    return id;
  }
  void back_up() {
    const auto result = backup({"--recheck-days", "0"});
    ASSERT_EQ(result.exit_code, 0) << result.err;
  }
  sim::RunResult restore_with(std::vector<std::string> arguments, sim::Environment environment = {}) {
    arguments.insert(arguments.begin(), "restore");
    arguments.insert(arguments.end(), {"--from", vault().string()});
    return hubkeep(std::move(arguments), std::move(environment));
  }
  std::string all_objects(sim::RepositoryId id, const std::string& but = {}) {
    std::string names;
    const auto listed = sim::git(path_of(id), {"rev-list", "--objects", "--no-object-names", "--all"});
    for (const auto name : split(listed, '\n')) {
      if (name != but) names.append(name) += '\n';
    }
    return names;
  }
  std::string pack_of(sim::RepositoryId id, const std::string& objects) {
    return sim::run_checked({"git", "-C", path_of(id).string(), "pack-objects", "--stdout", "--quiet"},
                            {.in = objects})
        .out;
  }
  void answer_with(const std::string& pack) {
    github_.faults().add({.git_command = sim::GitCommand::fetch},
                         sim::AnswerFetchWith::always({.pack = pack}));
  }
};

// The entry of a blob "a", twice, behind all others: gitformat-pack.
std::string with_an_object_twice(const std::string& pack) {
  const std::string entry("\x31\x78\x9c\x4b\x04\x00\x00\x62\x00\x62", 10);
  std::string body = pack.substr(0, pack.size() - 20) + entry + entry;
  body[11] = static_cast<char>(body[11] + 2);
  Hasher hasher(HashKind::sha1);
  hasher.write(body);
  return body + hasher.finish();
}

TEST_F(RestoreWhole, OfAllKeepsEachHistoryAndNamesTheFilesThatCouldNotBeWritten) {
  const auto long_name = add_tree("long", [&](auto id) {
    std::string tree;
    for (int i = 10; i < 35; ++i)
      tree += entry("100644", std::to_string(i) + std::string(254, 'n'), blob(id, "x"));
    return tree;
  });
  const auto dot_git = add_tree("dotgit", [&](auto id) {
    const auto below = sim::git(path_of(id), {"hash-object", "-w", "-t", "tree", "--literally", "--stdin"},
                                entry("100644", "config", blob(id, "[core]\n")));
    return entry("40000", ".git", below);
  });
  const auto modules = add_tree("modules", [&](auto id) {
    return entry("100644", ".gitmodules", blob(id, "<<<<<<< HEAD\n[submodule \"a\"]\n"));
  });
  back_up();

  const auto text = restore_with({"--all", "text"});
  const auto json = restore_with({"--all", "json", "--json"});
  const auto bare = restore_with({"--all", "bare", "--bare"});

  for (const auto& result : {text, json}) EXPECT_EQ(result.exit_code, 3) << result.err;
  EXPECT_EQ(bare.exit_code, 0) << bare.err;
  EXPECT_THAT(text.err,
              AllOf(HasSubstr("octo/long: the whole history is restored, but 25 files of the work tree could "
                              "not be written"),
                    HasSubstr("29" + std::string(254, 'n') + ": File name too long"),
                    Not(HasSubstr("30" + std::string(254, 'n'))), HasSubstr("and 5 more"),
                    HasSubstr("octo/dotgit: the whole history is restored, but 1 file of the work tree"),
                    HasSubstr("note: octo/modules: .gitmodules is restored as it was committed"),
                    HasSubstr("  .git: git allows no such name in a work tree"),
                    Not(HasSubstr("octo/modules: the whole"))));
  for (const std::string form : {"text", "json"}) {
    for (const auto& [name, id] : {std::pair{"long", long_name}, {"dotgit", dot_git}, {"modules", modules}}) {
      const auto folder = scratch_ / form / "octo" / name;
      EXPECT_EQ(state_of(folder / ".git"), state_of(path_of(id)));
      EXPECT_EQ(sim::run_checked({"cat", (folder / "good").string()}).out, "good\n");
    }
  }
  EXPECT_TRUE(fs::exists(scratch_ / "text/octo/modules/.gitmodules"));
  for (const auto& restored : nlohmann::json::parse(json.out)["restored"]) {
    const bool is_long = restored["repository"] == "octo/long";
    EXPECT_EQ(restored.contains("not_written"), restored["repository"] != "octo/modules");
    if (is_long) {
      EXPECT_EQ(restored["not_written"]["count"], 25);
      EXPECT_EQ(restored["not_written"]["files"].size(), 25U);
      EXPECT_EQ(restored["not_written"]["files"][0]["why"], "File name too long");
    }
  }
}

TEST_F(RestoreWhole, OfOneEndsWithThreeWhereAFileCouldNotBeWritten) {
  const auto id =
      add_tree("site", [&](auto of) { return entry("100644", std::string(300, 'n'), blob(of, "x")); });
  back_up();

  const auto result = restore_with({"octo/site", "out"});

  EXPECT_EQ(result.exit_code, 3);
  EXPECT_EQ(state_of(scratch_ / "out/.git"), state_of(path_of(id)));
  EXPECT_TRUE(fs::exists(scratch_ / "out/good"));
  EXPECT_EQ(sim::git(scratch_ / "out", {"ls-files"}), "good\n" + std::string(300, 'n'));
}

// A blob of 600 MiB, in a process that may have half of that.
TEST_F(RestoreWhole, OfALargeFileTakesLittleMemory) {
  const auto id = add_repository("site");
  const std::string size = std::to_string(std::size_t{600} << 20U);
  const std::string commands =
      "{ printf 'commit refs/heads/main\\ncommitter A <a@example.com> 1 +0000\\n"
      "data 1\\nm\\nM 100644 inline large\\ndata " +
      size + "\\n'; head -c " + size + " /dev/zero; printf '\\n'; } | git -C '" + path_of(id).string() +
      "' fast-import --quiet";
  ASSERT_EQ(sim::run({"sh", "-c", commands}).exit_code, 0);
  pushed(id);
  back_up();

  const auto result = shell("ulimit -v 300000 && hubkeep restore octo/site out --from " + vault().string());

  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(fs::file_size(scratch_ / "out/large"), std::size_t{600} << 20U);
  EXPECT_EQ(state_of(scratch_ / "out/.git"), state_of(path_of(id)));
  EXPECT_EQ(sim::git(scratch_ / "out", {"status", "--porcelain"}), "");
}

TEST_F(RestoreWhole, OfAPackWithAnObjectTwiceNeedsNoGit) {
  const auto id = add_filled("site");
  answer_with(with_an_object_twice(pack_of(id, all_objects(id))));
  back_up();

  for (const std::string path : {"", "/nonexistent"}) {
    const auto result = restore_with({"octo/site", "out"},
                                     path.empty() ? sim::Environment{} : sim::Environment{{"PATH", path}});

    EXPECT_EQ(result.exit_code, 0) << result.err;
    EXPECT_EQ(state_of(scratch_ / "out/.git"), state_of(path_of(id)));
    EXPECT_EQ(sim::git(scratch_ / "out", {"status", "--porcelain"}), "");
    EXPECT_EQ(sim::git(scratch_ / "out", {"fsck", "--strict", "--no-dangling"}), "");
    fs::remove_all(scratch_ / "out");
  }
  EXPECT_EQ(state_of(restore_by_readme(folder_of(id), snapshots_of(folder_of(id)).back())),
            state_of(path_of(id)));
}

TEST_F(RestoreWhole, OfAPackThatLacksAnObjectNamesItAndLeavesNothing) {
  const auto id = add_filled("site");
  const auto lost = blob(id, "only here");
  const auto tree = sim::git(path_of(id), {"mktree"}, "100644 blob " + lost + "\tfile\n");
  const auto commit = sim::git(path_of(id), {"commit-tree", "-m", "lost", tree});
  sim::git(path_of(id), {"update-ref", "refs/heads/zz-broken", commit});
  pushed(id);
  answer_with(pack_of(id, all_objects(id, lost)));
  ASSERT_EQ(backup({"--no-proof"}).exit_code, 0);

  for (const std::string path : {"", "/nonexistent"}) {
    const auto result = restore_with({"octo/site", "out", "--bare"},
                                     path.empty() ? sim::Environment{} : sim::Environment{{"PATH", path}});

    EXPECT_EQ(result.exit_code, 1);
    EXPECT_THAT(result.err, AllOf(HasSubstr("refs/heads/zz-broken leads to the blob " + lost),
                                  HasSubstr("hubkeep verify --deep --from " + vault().string() +
                                            " octo/site@" + std::to_string(id))));
    EXPECT_FALSE(fs::exists(scratch_ / "out"));
  }
}

TEST_F(RestoreWhole, ByTheVaultsReadmeTakesAllRefsThatHubkeepTakes) {
  const auto id = add_filled("site");
  const auto tip = sim::git(path_of(id), {"rev-parse", "main"});
  sim::git(path_of(id), {"update-ref", "refs/heads/a", tip});
  sim::git(path_of(id), {"update-ref", "refs/tags/Z", tip});
  sim::git(path_of(id), {"update-ref", "refs/tags/\xc3\xa4\xff", tip});
  back_up();
  push_file(id, "moved");
  sim::git(path_of(id), {"update-ref", "-d", "refs/heads/a"});
  sim::git(path_of(id), {"update-ref", "refs/heads/a/b", tip});
  // As a server can have it that keeps refs in no files.
  const std::string long_name = "refs/heads/" + std::string(300, 'c');
  sim::git(path_of(id), {"pack-refs", "--all"});
  const auto packed = path_of(id) / "packed-refs";
  const auto lines = sim::run_checked({"cat", packed.string()}).out;
  const auto at = lines.find(" refs/heads/main\n") - 40;
  sim::run_checked({"tee", packed.string()},
                   {.in = lines.substr(0, at) + tip + " " + long_name + "\n" + lines.substr(at)});
  pushed(id);
  back_up();
  const auto ids = snapshots_of(folder_of(id));
  ASSERT_EQ(ids.size(), 2U);

  const auto by_readme = restore_by_readme(folder_of(id), ids[1]);
  const auto by_hubkeep = restore("octo/site");

  EXPECT_EQ(state_of(by_readme), state_of(by_hubkeep));
  EXPECT_EQ(state_of(by_readme), state_of(path_of(id)));
  EXPECT_THAT(state_of(by_readme), AllOf(HasSubstr(long_name), HasSubstr("refs/heads/a/b")));
  EXPECT_EQ(state_of(restore_by_readme(folder_of(id), ids[0])), state_of(restore("octo/site", ids[0])));
}

}  // namespace
}  // namespace hubkeep
