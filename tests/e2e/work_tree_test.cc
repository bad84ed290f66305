// Work trees held against git's own: what restore leaves, and what `git clone` of the same repository leaves,
// byte for byte, once with git in PATH and once without.

#include <gmock/gmock.h>
#include <sys/stat.h>

#include <fstream>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <sstream>

#include "base/text.h"
#include "e2e/end_to_end.h"

namespace hubkeep {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;

std::string content_of(const fs::path& file) {
  std::ostringstream text;
  text << std::ifstream(file, std::ios::binary).rdbuf();
  return text.str();
}

// All that stands in a folder but its .git: kind and mode, and the content or where a link leads.
std::map<std::string, std::string> files_of(const fs::path& folder) {
  std::map<std::string, std::string> result;
  for (auto file = fs::recursive_directory_iterator(folder); file != fs::recursive_directory_iterator();
       ++file) {
    const auto name = file->path().lexically_relative(folder).string();
    if (name == ".git") {
      file.disable_recursion_pending();
      continue;
    }
    struct stat status{};
    EXPECT_EQ(::lstat(file->path().c_str(), &status), 0);
    std::ostringstream said;
    said << std::oct << status.st_mode << " ";
    if (S_ISLNK(status.st_mode)) said << fs::read_symlink(file->path()).string();
    if (S_ISREG(status.st_mode)) said << printable(content_of(file->path()));
    result[name] = said.str();
  }
  return result;
}

// A tree of git's, in git's order, whatever git thinks of its names.
class Tree {
 public:
  Tree& file(const std::string& name, const std::string& content, const std::string& mode = "100644") {
    return add(name, name, {mode, content, {}, {}});
  }
  Tree& link(const std::string& name, const std::string& target) { return file(name, target, "120000"); }
  Tree& folder(const std::string& name, const Tree& below, const std::string& mode = "40000") {
    return add(name + "/", name, {mode, {}, std::make_shared<Tree>(below), {}});
  }
  Tree& submodule(const std::string& name) {
    return add(name + "/", name, {"160000", {}, {}, std::string(40, '1')});
  }
  Tree& attributes(const std::string& content) { return file(".gitattributes", content); }

  std::string write(const fs::path& repository) const {
    std::string bytes;
    for (const auto& [order, entry] : entries_) {
      std::string oid = entry.oid;
      if (oid.empty()) {
        oid = entry.below ? entry.below->write(repository)
                          : sim::git(repository, {"hash-object", "-w", "--stdin"}, entry.content);
      }
      bytes += entry.mode + " " + entry.name + '\0' + from_hex(oid);
    }
    return sim::git(repository, {"hash-object", "-w", "-t", "tree", "--literally", "--stdin"}, bytes);
  }

 private:
  struct Entry {
    std::string mode;
    std::string content;
    std::shared_ptr<Tree> below;
    std::string oid;
    std::string name = {};
  };
  Tree& add(const std::string& order, const std::string& name, Entry entry) {
    entry.name = name;
    entries_[order] = std::move(entry);
    return *this;
  }
  std::map<std::string, Entry> entries_;
};

class WorkTree : public EndToEnd {
 protected:
  sim::RepositoryId add_tree(const std::string& name, const Tree& tree) {
    const auto id = add_repository(name);
    commit(id, tree);
    return id;
  }
  std::string commit(sim::RepositoryId id, const Tree& tree) {
    const auto written = sim::git(path_of(id), {"commit-tree", "-m", "m", tree.write(path_of(id))});
    sim::git(path_of(id), {"update-ref", "refs/heads/main", written});
    pushed(id);
    return written;
  }
  void back_up() {
    const auto result = backup();
    ASSERT_EQ(result.exit_code, 0) << result.err;
  }
  // Ends with 0 in most cases; git goes on past what it cannot write.
  fs::path clone(sim::RepositoryId id) {
    const fs::path folder = scratch_ / ("clone-" + std::to_string(++clones_));
    sim::run({"git", "clone", "--quiet", path_of(id).string(), folder.string()},
             {.env = sim::git_environment()});
    return folder;
  }
  // What git says of the files' content, whatever it knows of their times.
  static std::string status(const fs::path& folder) {
    for (auto file = fs::recursive_directory_iterator(folder); file != fs::recursive_directory_iterator();
         ++file) {
      if (file->path().filename() == ".git") {
        file.disable_recursion_pending();
      } else if (!file->is_symlink() && file->is_regular_file()) {
        fs::last_write_time(file->path(), fs::file_time_type::clock::from_sys(std::chrono::sys_seconds{}));
      }
    }
    return sim::git(folder, {"status", "--porcelain", "--untracked-files=all", "--ignored"});
  }
  sim::RunResult restore_with(std::vector<std::string> arguments, bool with_git) {
    arguments.insert(arguments.begin(), "restore");
    arguments.insert(arguments.end(), {"--from", vault().string()});
    sim::Environment environment{{"HOME", home_.string()}};
    if (!with_git) environment["PATH"] = "/nonexistent";
    return hubkeep(std::move(arguments), std::move(environment));
  }
  // All of the vault, with git and without it, against clones.
  void expect_like_clones(const std::map<std::string, sim::RepositoryId>& repositories) {
    back_up();
    for (const bool with_git : {true, false}) {
      const std::string out = with_git ? "with" : "without";
      const auto result = restore_with({"--all", out}, with_git);
      EXPECT_EQ(result.exit_code, 0) << out << result.err;
      for (const auto& [name, id] : repositories) {
        SCOPED_TRACE(name + " " + out + " git");
        const fs::path restored = scratch_ / out / "octo" / name;
        const fs::path cloned = clone(id);
        EXPECT_EQ(files_of(restored), files_of(cloned));
        EXPECT_EQ(sim::git(restored, {"status", "--porcelain"}), "");
        EXPECT_EQ(status(restored), status(cloned));
        EXPECT_EQ(state_of(restored / ".git"), state_of(path_of(id)));
      }
    }
  }

  fs::path home_ = scratch_ / "home";
  int clones_ = 0;
};

const std::string kMixed = "one\ntwo\r\nthree\n";
const std::string kUmlauts =
    "Gr\xc3\xbc\xc3\x9f"
    "e\nzwei\n";
const std::string kNfc = "caf\xc3\xa9";
const std::string kNfd = "cafe\xcc\x81";

TEST_F(WorkTree, OfLineEndsIsWhatACloneLeaves) {
  const auto samples = [] {
    return Tree()
        .file("a.auto", "one\ntwo\n")
        .file("a.crlf", "one\ntwo\n")
        .file("a.lf", "one\ntwo\n")
        .file("a.no", "one\ntwo\n")
        .file("a.old", "one\ntwo\n")
        .file("a.bin", "one\ntwo\n")
        .file("a.txt", "one\ntwo\n")
        .file("binary.auto", std::string("a\0b\nc\n", 6))
        .file("empty.crlf", "")
        .file("lone-cr.auto", "a\rb\nc\n")
        .file("dos.auto", "a\nb\n\032")
        .file("no-end.crlf", "a\nb");
  };
  const std::string rules =
      "*.auto text=auto eol=crlf\n*.crlf text eol=crlf\n*.lf text eol=lf\n*.no -text eol=crlf\n"
      "*.old crlf\n*.bin binary eol=crlf\n*.txt eol=crlf\n";
  std::map<std::string, sim::RepositoryId> all;
  const auto add = [&](const std::string& name, const Tree& tree) { all[name] = add_tree(name, tree); };
  add("rules", samples().attributes(rules));
  add("crlf-in-attributes", samples().attributes("*.crlf text eol=crlf\r\n# no\r\n\r\n*.txt\teol=crlf \r\n"));
  add("bom-in-attributes", samples().attributes("\xef\xbb\xbf*.crlf text eol=crlf\n*.txt eol=crlf\n"));
  add("all", samples().attributes("* text=auto eol=crlf\n"));
  add("attributes-of-themselves", samples().attributes("* text eol=crlf\n.gitattributes -eol\n"));
  add("macros", samples().attributes("[attr]dos text eol=crlf\n[attr]mine dos ident\n*.crlf dos\n*.txt mine\n"
                                     "*.no mine\n*.no -mine\n*.lf !dos\n"));
  add("below",
      samples()
          .attributes("*.crlf text eol=crlf\nsub/*.txt eol=crlf\nsub/deep/** eol=crlf\n**/x eol=crlf\n")
          .folder("sub", samples()
                             .attributes("*.crlf -text\n[attr]dos eol=crlf\n*.lf dos\n/a.no eol=crlf\n")
                             .folder("deep", samples().file("x", "1\n").attributes("x !eol\n")))
          .folder("x", Tree().file("x", "1\n"))
          .folder("info", samples().file("attributes", "* eol=crlf\n")));
  add("patterns",
      samples()
          .attributes(
              "\"with space\" eol=crlf\n\"tab\\there\" eol=crlf\n\"qu\\303\\274ote\" eol=crlf\n"
              "w[i]ld? eol=crlf\n\\#hash eol=crlf\n\\!bang eol=crlf\n!a.txt eol=crlf\ndir/ eol=crlf\n"
              "/rooted eol=crlf\nsub/*/c eol=crlf\n[[:upper:]]x eol=crlf\n*.TXT eol=crlf\na.txt -text "
              "text eol=crlf\n  indented eol=crlf\n")
          .file("with space", "1\n")
          .file("tab\there", "1\n")
          .file("qu\xc3\xbcote", "1\n")
          .file("wild1", "1\n")
          .file("#hash", "1\n")
          .file("!bang", "1\n")
          .file("Ax", "1\n")
          .file("ax", "1\n")
          .file("rooted", "1\n")
          .file("indented", "1\n")
          .folder("dir", Tree().file("f", "1\n"))
          .folder("sub", Tree()
                             .file("rooted", "1\n")
                             .folder("b", Tree().file("c", "1\n").folder("b", Tree().file("c", "1\n")))));
  add("long-line", samples().attributes("*.txt " + std::string(3000, 'x') + " eol=crlf\n*.crlf eol=crlf\n"));
  add("behind-a-link", samples().link(".gitattributes", "* eol=crlf"));
  add("a-folder", samples().folder(".gitattributes", Tree().file("x", "* eol=crlf\n")));
  add("unknown-values", samples().attributes("*.txt text=yes eol=mac\n*.crlf eol=CRLF\n*.auto text=AUTO "
                                             "eol=crlf\n*.lf eol\n*.no -eol\n"));

  expect_like_clones(all);
}

// What git says of these depends on whether it looks into the files; it is the same of both.
TEST_F(WorkTree, OfFilesThatAreNotAsTheirAttributesSayIsWhatACloneLeaves) {
  const auto id =
      add_tree("mixed", Tree()
                            .attributes("*.auto text=auto eol=crlf\n*.crlf text eol=crlf\n*.lf text\n"
                                        "*.id ident\n*.bom working-tree-encoding=UTF-16BE-BOM\n")
                            .file("a.auto", kMixed)
                            .file("a.crlf", kMixed)
                            .file("a.lf", kMixed)
                            .file("a", kMixed));
  back_up();

  for (const bool with_git : {true, false}) {
    const std::string out = with_git ? "with" : "without";
    const auto result = restore_with({"octo/mixed", out}, with_git);
    EXPECT_EQ(result.exit_code, 0) << result.err;
    const fs::path cloned = clone(id);
    EXPECT_EQ(files_of(scratch_ / out), files_of(cloned));
    EXPECT_EQ(status(scratch_ / out), status(cloned));
  }
}

TEST_F(WorkTree, OfEncodingsAndIdentIsWhatACloneLeaves) {
  Tree encodings;
  std::string rules;
  for (const std::string name : {"UTF-16", "UTF-16LE", "UTF-16BE", "UTF-16LE-BOM", "UTF-32", "UTF-32LE",
                                 "UTF-8", "utf8", "ISO-8859-1", "latin-1", "windows-1252"}) {
    rules += "*." + name + " text working-tree-encoding=" + name + "\n";
    encodings.file("a." + name, kUmlauts).file("empty." + name, "");
  }
  rules +=
      "*.sjis working-tree-encoding=SHIFT-JIS eol=crlf\n*.no -working-tree-encoding\n*.id ident\n"
      "*.both ident text eol=crlf working-tree-encoding=UTF-16LE-BOM\n";
  encodings.file("a.sjis", "\xe6\x97\xa5\xe6\x9c\xac\n")
      .file("a.both", "$Id$ \xc3\xbc\n")
      .file("a.id", "$Id$\n$Id\n");
  std::map<std::string, sim::RepositoryId> all;
  all["encodings"] = add_tree("encodings", encodings.attributes(rules));
  all["below"] = add_tree("below", Tree().folder("sub", encodings));

  expect_like_clones(all);
}

// No filter is run, and none is named in vain: without a driver git takes the bytes as they are.
TEST_F(WorkTree, OfFiltersRunsNone) {
  fs::create_directories(home_);
  std::ofstream(home_ / ".gitconfig")
      << "[filter \"evil\"]\n\tsmudge = touch " << (scratch_ / "ran").string()
      << "; cat\n\trequired\n[filter \"lfs\"]\n\tprocess = touch " << (scratch_ / "ran").string()
      << "\n\trequired\n[core]\n\tautocrlf = true\n\tfsmonitor = touch " << (scratch_ / "ran").string()
      << "\n\thooksPath = " << home_.string() << "\n\tattributesFile = " << (home_ / "attributes").string()
      << "\n";
  std::ofstream(home_ / "attributes") << "* text eol=crlf\n";
  for (const std::string hook : {"post-checkout", "post-index-change"}) {
    std::ofstream(home_ / hook) << "#!/bin/sh\ntouch " << (scratch_ / "ran").string() << "\n";
    fs::permissions(home_ / hook, fs::perms::owner_all);
  }
  const Tree tree = Tree()
                        .attributes(
                            "*.evil filter=evil\n*.lfs filter=lfs diff=lfs merge=lfs -text\n*.x filter\n"
                            "*.txt filter=evil text eol=crlf ident\n")
                        .file("a.evil", "1\n")
                        .file("a.lfs", "version https://git-lfs.github.com/spec/v1\n")
                        .file("a.txt", "$Id$\n")
                        .file("a.x", "1\n")
                        .file("a", "1\n");

  expect_like_clones({{"filters", add_tree("filters", tree)}});

  EXPECT_FALSE(fs::exists(scratch_ / "ran"));
}

TEST_F(WorkTree, OfOddEntriesIsWhatACloneLeaves) {
  std::map<std::string, sim::RepositoryId> all;
  const auto add = [&](const std::string& name, const Tree& tree) { all[name] = add_tree(name, tree); };
  add("modes", Tree()
                   .file("plain", "1")
                   .file("program", "1", "100755")
                   .file("group", "1", "100664")
                   .file("odd", "1", "100600")
                   .folder("zero", Tree().file("x", "1"), "040000"));
  add("links", Tree()
                   .link("dangling", "no/where")
                   .link("folder", "dir")
                   .link("long", std::string(4000, 'x'))
                   .link("absolute", "/etc/passwd")
                   .link("up", "../..")
                   .link("bytes", "\xff\n")
                   .link("self", "self")
                   .folder("dir", Tree().link("up", "../dir").file("x", "1")));
  add("names", Tree()
                   .file(kNfc, "nfc")
                   .file(kNfd, "nfd")
                   .folder("d" + kNfc, Tree().file("x", "nfc"))
                   .folder("d" + kNfd, Tree().file("x", "nfd"))
                   .file("na\xefve", "latin-1")
                   .file("new\nline", "1")
                   .file("Case", "1")
                   .file("case", "2")
                   .folder("Folder", Tree().file("x", "1"))
                   .folder("folder", Tree().file("x", "2"))
                   .file("con", "1")
                   .file("end.", "1")
                   .file("end ", "1")
                   .file(".gitignore", "ignored\n")
                   .file("ignored", "1")
                   .file(".gitkeep", "")
                   .file("-dash", "1")
                   .file("*", "1")
                   .file(std::string(255, 'm'), "fits"));
  add("archive", Tree()
                     .attributes("secret export-ignore\nversion export-subst\n")
                     .file("secret", "1")
                     .file("version", "$Format:%H$\n"));
  add("submodules", Tree()
                        .file(".gitmodules", "[submodule \"a\"]\n\tpath = module\n\turl = ../other\n")
                        .submodule("module")
                        .folder("dir", Tree().submodule("other")));
  add("bare-submodules", Tree().submodule("module").file("x", "1"));
  add("sparse", Tree()
                    .folder("info", Tree().file("sparse-checkout", "/x\n"))
                    .file("sparse-checkout", "/x\n")
                    .file("x", "1")
                    .file("y", "1"));
  add("empty-tree", Tree());
  add("empty-folder", Tree().folder("empty", Tree()).file("x", "1"));
  const auto detached = add_tree("detached", Tree().file("x", "1"));
  const auto first = sim::git(path_of(detached), {"rev-parse", "main"});
  commit(detached, Tree().file("x", "2"));
  sim::git(path_of(detached), {"update-ref", "--no-deref", "HEAD", first});
  all["detached"] = detached;
  add("unborn", Tree().file("x", "1"));
  sim::git(path_of(all["unborn"]), {"symbolic-ref", "HEAD", "refs/heads/nothing-yet"});

  expect_like_clones(all);
}

TEST_F(WorkTree, OfBrokenGitmodulesIsWhatACloneLeaves) {
  std::map<std::string, sim::RepositoryId> all;
  int count = 0;
  for (const std::string& content :
       {std::string("<<<<<<< HEAD\n[submodule \"a\"]\n=======\n"),
        std::string("[submodule \"a\"\npath = b\n"), std::string("\xff\xfe[\0s\0", 6),
        std::string("[submodule \"a\"]\n\tpath = module\n\turl = ./x\n\tignore = sometimes\n"),
        std::string("[submodule \"a\"]\n\tpath = module\n\turl = ./x\n\tupdate = !touch ran\n")}) {
    const std::string name = "modules-" + std::to_string(++count);
    all[name] = add_tree(name, Tree().file(".gitmodules", content).submodule("module").file("good", "1"));
  }
  back_up();

  for (const bool with_git : {true, false}) {
    const std::string out = with_git ? "with" : "without";
    const auto result = restore_with({"--all", out}, with_git);
    EXPECT_EQ(result.exit_code, 0) << result.err;
    EXPECT_THAT(result.err, HasSubstr("note: octo/modules-1: .gitmodules is restored as it was committed"));
    for (const auto& [name, id] : all) {
      const fs::path restored = scratch_ / out / "octo" / name;
      const fs::path cloned = clone(id);
      EXPECT_EQ(files_of(restored), files_of(cloned)) << name;
      // git itself refuses some of them.
      const std::vector<std::string> status = {"git", "-C", "", "status", "--porcelain"};
      auto ours = status;
      auto gits = status;
      ours[2] = restored.string();
      gits[2] = cloned.string();
      EXPECT_EQ(sim::run(ours).out, sim::run(gits).out) << name;
      EXPECT_EQ(sim::run(ours).exit_code, sim::run(gits).exit_code) << name;
    }
  }
}

// A clone has no refs/replace; a restored repository has, and its files are HEAD's all the same.
TEST_F(WorkTree, OfReplacedObjectsIsWhatACloneLeaves) {
  std::map<std::string, sim::RepositoryId> all;
  const auto add = [&](const std::string& name, const std::string& of, const std::string& by) {
    const auto id = add_repository(name);
    commit(id, Tree().file("a", "replacement\n").folder("sub", Tree().file("b", "replacement\n")));
    sim::git(path_of(id), {"update-ref", "refs/heads/other", "main"});
    commit(id, Tree().file("a", "1\n").folder("sub", Tree().file("b", "1\n")));
    const auto replaced = sim::git(path_of(id), {"rev-parse", of});
    sim::git(path_of(id), {"update-ref", "refs/replace/" + replaced, by});
    pushed(id);
    all[name] = id;
  };
  add("commit", "main", "other");
  add("tree", "main^{tree}", "other^{tree}");
  add("subtree", "main:sub", "other:sub");
  add("blob", "main:a", "other:a");

  expect_like_clones(all);
}

// Of a replaced object elsewhere in the history nothing is changed: it stays in effect.
TEST_F(WorkTree, OfAReplacementElsewhereLeavesItInEffect) {
  const auto id = add_filled("site");
  const auto parent = sim::git(path_of(id), {"rev-parse", "main~1"});
  const auto root = sim::git(path_of(id), {"commit-tree", "-m", "graft", "main~1^{tree}"});
  sim::git(path_of(id), {"update-ref", "refs/replace/" + parent, root});
  pushed(id);
  back_up();

  EXPECT_EQ(restore_with({"octo/site", "out"}, true).exit_code, 0);

  EXPECT_EQ(sim::git(scratch_ / "out", {"rev-list", "--count", "main~1"}), "1");
  EXPECT_EQ(sim::git(scratch_ / "out", {"status", "--porcelain"}), "");
}

// git writes none of these trees whole, or none of their files: all but what it refuses is there.
TEST_F(WorkTree, OfWhatCannotBeWrittenHasAllTheRest) {
  std::string letters;
  for (int i = 0; i < 90; ++i) letters += "\xe6\x97\xa5";
  const Tree good = Tree().file("good", "1\n").folder("sub", Tree().file("x", "2\n"));
  const auto with = [&](const std::function<void(Tree&)>& change) {
    Tree tree = good;
    change(tree);
    return tree;
  };
  const Tree config = Tree().file("config", "[core]\n\tfsmonitor = touch ran\n");
  const std::map<std::string, Tree> trees = {
      {"dotgit", with([&](Tree& tree) { tree.folder(".git", config); })},
      {"capitals", with([&](Tree& tree) { tree.folder(".GIT", config); })},
      {"short", with([&](Tree& tree) { tree.folder("git~1", config); })},
      {"longname", with([&](Tree& tree) { tree.file(letters + ".txt", "1"); })},
      {"longlink", with([&](Tree& tree) { tree.link("link", std::string(5000, 'l')); })}};
  for (const auto& [name, tree] : trees) add_tree(name, tree);
  back_up();

  for (const bool with_git : {true, false}) {
    const std::string out = with_git ? "with" : "without";
    const auto result = restore_with({"--all", out, "--json"}, with_git);
    EXPECT_EQ(result.exit_code, 3);
    for (const auto& restored : nlohmann::json::parse(result.out)["restored"]) {
      EXPECT_EQ(restored["not_written"]["count"], 1) << restored;
      EXPECT_THAT(restored["not_written"]["files"][0]["why"].get<std::string>(),
                  testing::AnyOf("git allows no such name in a work tree", "File name too long",
                                 "what the symbolic link leads to has too long a name"))
          << restored;
    }
    for (const auto& [name, tree] : trees) {
      const auto files = files_of(scratch_ / out / "octo" / name);
      EXPECT_EQ(files.size(), 3U) << name;
      EXPECT_EQ(files.at("good"), "100644 1\\x0a") << name;
    }
  }
}

}  // namespace
}  // namespace hubkeep
