// Held against git: what `git clone` of the restored repository leaves, file by file.

#include "localgit/check_out.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <sys/stat.h>

#include <map>
#include <optional>

#include "base/error.h"
#include "base/text.h"
#include "localgit/create_repository.h"
#include "localgit/git_fixture.h"

namespace hubkeep {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// All that stands in a folder but .git: kind, the bit that git keeps of the mode, content.
std::map<std::string, std::string> files_of(const fs::path& folder) {
  std::map<std::string, std::string> result;
  for (auto file = fs::recursive_directory_iterator(folder); file != fs::recursive_directory_iterator();
       ++file) {
    const auto name = file->path().lexically_relative(folder).string();
    if (name == ".git") {
      file.disable_recursion_pending();
    } else if (file->is_symlink()) {
      result[name] = "link " + fs::read_symlink(file->path()).string();
    } else if (file->is_directory()) {
      result[name] = "folder";
    } else {
      const bool runs = (file->status().permissions() & fs::perms::owner_exec) != fs::perms::none;
      result[name] = (runs ? "program " : "file ") + read_file(file->path());
    }
  }
  return result;
}

// Which of the ways a check out takes: SHA-256 always takes git.
struct Way {
  std::string name;
  ObjectFormat format = ObjectFormat::sha1;
  bool has_git = true;
};

// Where PATH leads to no git.
class WithoutGit {
 public:
  explicit WithoutGit(bool without) {
    if (without) ::setenv("PATH", "/nonexistent", 1);
  }
  WithoutGit(const WithoutGit&) = delete;
  WithoutGit& operator=(const WithoutGit&) = delete;
  ~WithoutGit() { ::setenv("PATH", path_.c_str(), 1); }

 private:
  const std::string path_ = ::getenv("PATH");
};

class CheckOutTest : public testing::TestWithParam<Way> {
 protected:
  std::string oid_of(const std::string& content) const {
    return std::string(trim(source_.run({"hash-object", "-w", "--stdin", "--no-filters"}, content)));
  }
  static std::string entry(const std::string& mode, const std::string& name, const std::string& oid) {
    return mode + " " + name + '\0' + from_hex(oid);
  }
  std::string file(const std::string& name, const std::string& content) const {
    return entry("100644", name, oid_of(content));
  }
  std::string folder(const std::string& name, const std::string& content) const {
    return entry("40000", name, source_.raw_tree(content));
  }
  std::string link(const std::string& name, const std::string& target) const {
    return entry("120000", name, oid_of(target));
  }
  void commit_tree(const std::string& content) {
    const auto tree = source_.raw_tree(content);
    const auto commit = std::string(trim(source_.run({"commit-tree", tree, "-m", "raw"})));
    source_.run({"update-ref", "refs/heads/main", commit});
  }

  // The source as a repository, its files checked out, in a new folder.
  CheckOutReport check_out_main(const WorkTreeLimits& limits = {}) {
    target_.emplace();
    const auto builder =
        create_repository(target_->path(), {GetParam().format, RepositoryKind::work_tree, 0}, {});
    const auto importer = builder->import_pack();
    importer->write(source_.pack());
    importer->finish();
    builder->write_refs(source_.refs());
    builder->prove_connected(source_.refs());
    const RefState state = source_.refs();
    const WithoutGit path(!GetParam().has_git);
    return check_out(target_->path(), state, {}, limits);
  }
  // What git makes of the repository without our files, where it goes on past what it cannot write.
  std::map<std::string, std::string> cloned() {
    const ScratchFolder clone;
    git(clone.path(), {"-c", "protocol.file.allow=always", "clone", "--quiet", target_->path().string(),
                       (clone.path() / "clone").string()});
    return files_of(clone.path() / "clone");
  }
  std::string status() { return git(target_->path(), {"status", "--porcelain", "--untracked-files=all"}); }
  static std::vector<std::string> paths(const CheckOutReport& report) {
    std::vector<std::string> result;
    for (const auto& file : report.named) result.push_back(file.path);
    return result;
  }
  void expect_like_clone() {
    const auto report = check_out_main();
    EXPECT_THAT(paths(report), IsEmpty());
    EXPECT_EQ(files_of(target_->path()), cloned());
    EXPECT_EQ(status(), "");
  }

  SourceRepository source_{GetParam().format};
  std::optional<ScratchFolder> target_;
};

INSTANTIATE_TEST_SUITE_P(Way, CheckOutTest,
                         testing::Values(Way{.name = "sha1"}, Way{.name = "sha1WithoutGit", .has_git = false},
                                         Way{.name = "sha256", .format = ObjectFormat::sha256}),
                         [](const auto& way) { return way.param.name; });

TEST_P(CheckOutTest, LeavesWhatACloneLeaves) {
  const auto below = file(".gitattributes", "*.x -text\n") + file("a", "2") + file("c.x", "a\nb\n") +
                     folder("empty", "") + folder("sub", file("d.x", "a\nb\n"));
  commit_tree(
      file(".gitattributes",
           "*.x text eol=crlf\n*.id ident\n*.auto text=auto eol=crlf\n*.rc text "
           "working-tree-encoding=UTF-16LE eol=crlf\n*.bom working-tree-encoding=UTF-16LE-BOM\n*.both "
           "ident text eol=crlf working-tree-encoding=latin-1\n[attr]dos text eol=crlf\nmacro dos\n"
           "*.bin binary\n*.lfs filter=lfs -text\n*.old crlf=input\n") +
      file("-first/.gitattributes", "x") + file("a.auto", "one\ntwo\n") + file("a.bin", "one\ntwo\n") +
      file("a.bom",
           "Gr\xc3\xbc\xc3\x9f"
           "e\n") +
      file("a.both", "$Id$ \xc3\xbc\n") + file("a.id", "$Id$\n$Id$\n") +
      file("a.lfs", "version https://git-lfs.github.com/spec/v1\n") + file("a.old", "a\nb\n") +
      file("a.rc",
           "Gr\xc3\xbc\xc3\x9f"
           "e\nzwei\n") +
      file("a.x", "a\nb\nc") + file("b.auto", "a\n\x01\n") + folder("dir", below) + file("empty", "") +
      link("link", "dir/a") + link("loose", "../nowhere") + file("macro", "a\n") +
      entry("160000", "module", oid_of("x")) + file("na\xefve", "latin-1") + file("new\nline", "2") +
      entry("100755", "run.sh", oid_of("#!\n")) + file("with space\\:*?\"<>|", "odd"));

  expect_like_clone();
}

TEST_P(CheckOutTest, TakesWhatFsckComplainsAbout) {
  commit_tree(entry("100664", "z", oid_of("1")) + file("a", "2") +
              entry("040000", "dir", source_.raw_tree(file("y", "1") + file("x", "2"))));

  expect_like_clone();
}

TEST_P(CheckOutTest, ReadsNoGitmodules) {
  for (const std::string content :
       {"<<<<<<< HEAD\n[submodule \"a\"]\n=======\n", "[submodule \"a\"\npath = b\n",
        "[submodule \"a\"]\n\tpath = module\n\turl = ./x\n\tignore = sometimes\n",
        "[submodule \"a\"]\n\tpath = module\n\turl = ./x\n\tupdate = !touch ran\n"}) {
    commit_tree(file(".gitmodules", content) + file("good", "1") + entry("160000", "module", oid_of("x")));

    const auto report = check_out_main();

    EXPECT_EQ(report.count, 0U);
    EXPECT_EQ(report.notice.empty(), content.starts_with("[submodule \"a\"]\n")) << report.notice;
    EXPECT_EQ(files_of(target_->path()), cloned());
  }
  commit_tree(file(".gitmodules", std::string("\xff\xfe[\0s\0", 6)) + file("good", "1"));
  const auto report = check_out_main();
  EXPECT_EQ(report.count, 0U);
  EXPECT_THAT(report.notice,
              HasSubstr(".gitmodules is restored as it was committed, but git cannot read it"));
  EXPECT_EQ(files_of(target_->path()), cloned());
}

TEST_P(CheckOutTest, WritesAllButWhatHasTooLongAName) {
  const std::string name(256, 'n');
  std::string letters;
  for (int i = 0; i < 90; ++i) letters += "\xe6\x97\xa5";
  commit_tree(file("good", "1") + folder(name, file("x", "1") + file("y", "2")) +
              file(std::string(255, 'm'), "fits") + file(letters, "2") +
              link("link", std::string(5000, 'l')) + file("zz", "3"));

  const auto report = check_out_main();

  EXPECT_THAT(paths(report), testing::UnorderedElementsAre(name + "/x", name + "/y", letters, "link"));
  for (const auto& one : report.named)
    EXPECT_THAT(one.why, testing::AnyOf("File name too long", "git could not write it")) << one.path;
  EXPECT_EQ(files_of(target_->path()),
            (std::map<std::string, std::string>{
                {"good", "file 1"}, {std::string(255, 'm'), "file fits"}, {"zz", "file 3"}}));
  EXPECT_EQ(refs_of(target_->path()), refs_of(source_.path()));
}

TEST_P(CheckOutTest, WritesAllButWhatIsNestedTooDeeply) {
  const auto nested = [](int depth) {
    std::string path;
    for (int i = 0; i < depth; ++i) path += "d/";
    return path + "f";
  };
  // Of 4095 bytes that a path may have, "d/" takes two in each folder.
  const int most = 2046;
  std::string commands = "commit refs/heads/main\ncommitter A <a@example.com> 1 +0000\ndata 1\nm\n";
  for (const int depth : {0, most, 3000}) commands += "M 100644 inline " + nested(depth) + "\ndata 1\n1\n";
  source_.run({"fast-import", "--quiet"}, commands);

  const auto report = check_out_main();

  ASSERT_EQ(report.count, 1U);
  EXPECT_EQ(report.named.front().why, "its path is too long");
  EXPECT_EQ(read_file(target_->path() / "f"), "1");
  // From inside: with the folder's own path in front it is too long.
  EXPECT_EQ(git(target_->path(), {"diff-files", "--name-only"}), "");
  EXPECT_EQ(trim(git(target_->path(), {"ls-files"})), nested(most) + "\nf");
  EXPECT_EQ(refs_of(target_->path()), refs_of(source_.path()));
}

TEST_P(CheckOutTest, WritesAllButWhatGitAllowsNowhere) {
  const auto below = file("config", "[core]\n\tfsmonitor = touch ran\n");
  for (const auto& [bad, path] :
       std::vector<std::pair<std::string, std::string>>{{folder(".git", below), ".git"},
                                                        {folder(".GIT", below), ".GIT"},
                                                        {folder("git~1", below), "git~1"},
                                                        {folder(".git ", below), ".git "},
                                                        {folder("..", below), ".."},
                                                        {folder(".", below), "."},
                                                        {file("../outside", "1"), "../outside"},
                                                        {file("/outside", "1"), "/outside"},
                                                        {folder("sub", folder(".git", below)), "sub/.git"},
                                                        {link(".gitmodules", "good"), ".gitmodules"},
                                                        {entry("160000", ".git", oid_of("x")), ".git"}}) {
    commit_tree(bad + file("good", "1"));

    const auto report = check_out_main();

    ASSERT_FALSE(report.named.empty()) << path;
    EXPECT_THAT(report.named.front().path, testing::StartsWith(path));
    EXPECT_EQ(report.named.front().why, "git allows no such name in a work tree");
    EXPECT_EQ(files_of(target_->path()), (std::map<std::string, std::string>{{"good", "file 1"}})) << path;
    EXPECT_FALSE(fs::exists(target_->path() / ".." / "outside"));
    EXPECT_THAT(read_file(target_->path() / ".git" / "config"), testing::Not(HasSubstr("fsmonitor")));
    EXPECT_EQ(refs_of(target_->path()), refs_of(source_.path()));
  }
}

TEST_P(CheckOutTest, KeepsTheLastOfNamesThatExcludeEachOther) {
  const ScratchFolder outside;
  const auto one = file("x", "1");
  const auto two = file("x", "2") + file("y", "2");
  const std::vector<std::pair<std::string, std::vector<std::string>>> cases = {
      {file("a", "1") + file("a", "2") + file("good", "3"), {"a"}},
      {file("a", "1") + folder("a", one) + file("good", "3"), {"a"}},
      {folder("a", one) + file("a", "1") + file("good", "3"), {"a/x"}},
      {folder("a", one) + folder("a", two) + file("good", "3"), {"a/x"}},
      {file("a", "1") + folder("a", one) + file("a", "2") + folder("a", file("y", "2")), {"a", "a/x", "a"}},
      {link("a", outside.path().string()) + folder("a", one) + file("good", "3"), {"a"}},
      {file("a", "1") + file("a-b", "1") + file("a/b", "2"), {"a"}}};

  for (const auto& [tree, lost] : cases) {
    commit_tree(tree);

    const auto report = check_out_main();

    EXPECT_THAT(paths(report), testing::UnorderedElementsAreArray(lost));
    EXPECT_EQ(files_of(target_->path()), cloned());
    EXPECT_TRUE(fs::is_empty(outside.path()));
  }
}

TEST_P(CheckOutTest, NamesWhatCannotBeEncodedAndWritesItAsItIs) {
  commit_tree(file(".gitattributes", "*.txt working-tree-encoding=ISO-8859-1\n") + file("a.txt", "\xc3\xbc") +
              file("b.txt", "\xe6\x97\xa5"));

  const auto report = check_out_main();

  ASSERT_THAT(paths(report), ElementsAre("b.txt"));
  EXPECT_THAT(report.named.front().why,
              AllOf(HasSubstr("cannot be converted"), HasSubstr("as it is stored")));
  EXPECT_EQ(files_of(target_->path()), cloned());
}

TEST_P(CheckOutTest, HearsNoAttributesBehindALinkAndNoneOfTheMachine) {
  const ScratchFolder outside;
  write_file(outside.path() / "attributes", "* text eol=crlf\n");
  commit_tree(link(".gitattributes", (outside.path() / "attributes").string()) + file("a", "1\n"));

  EXPECT_EQ(check_out_main().count, 0U);

  EXPECT_EQ(read_file(target_->path() / "a"), "1\n");
}

// Each tree names the next one ten times: 10^12 folders in twelve small trees.
TEST_P(CheckOutTest, OfATreeWithoutEndTheRestIsWritten) {
  std::string bomb;
  for (int level = 0; level < 12; ++level) {
    const auto next = source_.raw_tree(bomb);
    bomb.clear();
    for (char name = 'a'; name < 'k'; ++name) bomb += entry("40000", std::string(1, name), next);
  }
  commit_tree(file("a", "1") + folder("bomb", bomb) + file("z", "2"));

  const auto report = check_out_main({.entries = 1000});

  ASSERT_THAT(paths(report), ElementsAre("HEAD"));
  EXPECT_THAT(
      report.named.front().why,
      HasSubstr("more than 1000 files and folders, or 512.0 MiB of trees and paths: the rest was not"));
  EXPECT_EQ(files_of(target_->path()),
            (std::map<std::string, std::string>{{"a", "file 1"}, {"z", "file 2"}}));
  EXPECT_EQ(git(target_->path(), {"diff-files", "--name-only"}), "");  // status would go through HEAD's tree
  EXPECT_EQ(refs_of(target_->path()), refs_of(source_.path()));
}

TEST_P(CheckOutTest, OfAHeadThatIsNoCommitIsSaid) {
  commit_tree(file("good", "1"));
  source_.run({"tag", "blob", oid_of("1")});
  auto state = source_.refs();
  state.head = {.symref_target = "refs/tags/blob", .oid = {}};
  target_.emplace();
  const auto builder =
      create_repository(target_->path(), {GetParam().format, RepositoryKind::work_tree, 0}, {});
  const auto importer = builder->import_pack();
  importer->write(source_.pack());
  importer->finish();
  builder->write_refs(state);

  const auto report = check_out(target_->path(), state, {});

  EXPECT_THAT(paths(report), ElementsAre("HEAD"));
}

TEST_P(CheckOutTest, TellsTheIndexWhatItWrote) {
  commit_tree(file("a", "1") + folder("b", file(std::string(200, 'x'), "2")) + link("l", "a") +
              entry("160000", "module", oid_of("x")) + entry("100755", "run", oid_of("3")));
  ASSERT_EQ(check_out_main().count, 0U);

  // With these times git believes the index without reading the files.
  const auto listed = git(target_->path(), {"ls-files", "--debug", "a"});
  struct stat status{};
  ASSERT_EQ(::stat((target_->path() / "a").c_str(), &status), 0);

  EXPECT_THAT(listed, AllOf(HasSubstr("mtime: " + std::to_string(status.st_mtim.tv_sec) + ":" +
                                      std::to_string(status.st_mtim.tv_nsec)),
                            HasSubstr("ino: " + std::to_string(status.st_ino)), HasSubstr("size: 1")));
  EXPECT_EQ(git(target_->path(), {"diff-files", "--name-only"}), "");
  EXPECT_EQ(git(target_->path(), {"fsck", "--strict"}), "");
}

// Half a file stands there and a lock, as after a kill at the worst moment.
TEST(CheckOut, WritesTheFilesItselfWhereGitDoesNotComeToItsEnd) {
  SourceRepository source;
  source.commit(".gitattributes", "*.x eol=crlf\n");
  for (const std::string name : {"a.x", "b.x", "dir/c.x"}) source.commit(name, "1\n2\n");
  const ScratchFolder target;
  const auto builder =
      create_repository(target.path(), {ObjectFormat::sha1, RepositoryKind::work_tree, 0}, {});
  const auto importer = builder->import_pack();
  importer->write(source.pack());
  importer->finish();
  builder->write_refs(source.refs());
  const RefState state = source.refs();
  const std::string path = ::getenv("PATH");
  const ScratchFolder bin;
  write_file(
      bin.path() / "git",
      "#!/bin/sh\ncase \" $* \" in *\" checkout-index \"*)\nprintf '*.x eol=crlf\\n' >\"$2/.gitattributes\"\n"
      "printf 1 >\"$2/a.x\"\n: >\"$2/.git/index.lock\"\nkill -9 $$\nesac\nPATH='" +
          path + "' exec git \"$@\"\n");
  fs::permissions(bin.path() / "git", fs::perms::owner_all);

  ::setenv("PATH", (bin.path().string() + ":" + path).c_str(), 1);
  const auto report = check_out(target.path(), state, {});
  ::setenv("PATH", path.c_str(), 1);

  EXPECT_EQ(report.count, 0U);
  for (const std::string name : {"a.x", "b.x", "dir/c.x"})
    EXPECT_EQ(read_file(target.path() / name), "1\r\n2\r\n") << name;
  EXPECT_FALSE(fs::exists(target.path() / ".git/index.lock"));
  EXPECT_EQ(git(target.path(), {"status", "--porcelain"}), "");
}

TEST(CheckOut, WritesLargeFilesWithoutHoldingThem) {
  SourceRepository source;
  const std::string large(std::size_t{40} << 20U, 'x');
  source.commit("large", large);
  source.commit("late", "1");
  const ScratchFolder target;
  const auto builder =
      create_repository(target.path(), {ObjectFormat::sha1, RepositoryKind::work_tree, 0}, {});
  const auto importer = builder->import_pack();
  importer->write(source.pack());
  importer->finish();
  builder->write_refs(source.refs());

  EXPECT_EQ(check_out(target.path(), source.refs(), {}).count, 0U);

  EXPECT_TRUE(read_file(target.path() / "large") == large);
  EXPECT_EQ(git(target.path(), {"status", "--porcelain"}), "");
}

}  // namespace
}  // namespace hubkeep
