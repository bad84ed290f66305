#include "localgit/create_repository.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

#include "base/error_of.h"
#include "base/text.h"
#include "crypto/hash.h"
#include "localgit/check_out.h"
#include "localgit/git_fixture.h"

namespace hubkeep {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::HasSubstr;

std::string patterned(std::size_t lines, std::size_t changed) {
  std::string text;
  for (std::size_t i = 0; i < lines; ++i) {
    text += "line " + std::to_string(i) + (i == changed ? " has changed" : " of a file") + "\n";
  }
  return text;
}

struct Way {
  const char* name;
  ObjectFormat format;
};

class BuilderTest : public ::testing::TestWithParam<Way> {
 protected:
  static RepositoryTraits traits(RepositoryKind kind) { return {.format = GetParam().format, .kind = kind}; }
  std::unique_ptr<RepositoryBuilder> build(RepositoryKind kind) {
    return create_repository(target_.path(), traits(kind), stop_.get_token());
  }
  static void import(RepositoryBuilder& builder, std::string_view pack) {
    const auto importer = builder.import_pack();
    for (; !pack.empty(); pack.remove_prefix(std::min<std::size_t>(pack.size(), 1000))) {
      importer->write(pack.substr(0, 1000));
    }
    importer->finish();
  }
  /// The source's present state as a repository.
  void restore(RepositoryKind kind) {
    const auto builder = build(kind);
    import(*builder, source_.pack());
    builder->write_refs(source_.refs());
    if (kind == RepositoryKind::work_tree) report_ = check_out(target_.path(), source_.refs(), {});
  }
  std::string head_of_source() const { return std::string(trim(source_.run({"rev-parse", "HEAD"}))); }
  std::string oid_of(const std::string& content) const {
    return std::string(trim(source_.run({"hash-object", "-w", "--stdin"}, content)));
  }
  /// The bytes of a tree entry.
  static std::string entry(const std::string& mode, const std::string& name, const std::string& oid) {
    return mode + " " + name + '\0' + from_hex(oid);
  }
  void commit_tree(const std::string& tree) {
    const auto commit = std::string(trim(source_.run({"commit-tree", tree, "-m", "raw"})));
    source_.run({"update-ref", "refs/heads/main", commit});
  }

  SourceRepository source_{GetParam().format};
  ScratchFolder target_;
  std::stop_source stop_;
  CheckOutReport report_;
};

INSTANTIATE_TEST_SUITE_P(Way, BuilderTest,
                         ::testing::Values(Way{"sha1", ObjectFormat::sha1},
                                           Way{"sha256", ObjectFormat::sha256}),
                         [](const auto& way) { return std::string(way.param.name); });

TEST_P(BuilderTest, MakesABareRepositoryOfAFullPackAndThinOnes) {
  source_.commit("big", patterned(2000, 0));
  source_.commit("other", patterned(2000, 5));
  source_.run({"tag", "-a", "v1", "-m", "first"});
  source_.run({"tag", "-a", "v1-signed", "-m", "a tag on a tag", "v1"});
  const std::string base = source_.pack();
  const std::string before = head_of_source();
  source_.commit("big", patterned(2000, 1000));
  source_.commit("other", patterned(2000, 700));
  const std::string increment = source_.pack({before});
  const auto builder = build(RepositoryKind::bare);

  import(*builder, base);
  import(*builder, increment);
  builder->write_refs(source_.refs());

  EXPECT_LT(increment.size(), base.size() / 4);
  EXPECT_EQ(refs_of(target_.path()), refs_of(source_.path()));
  EXPECT_EQ(git(target_.path(), {"fsck", "--full", "--strict"}), "");
  EXPECT_EQ(trim(git(target_.path(), {"rev-parse", "--is-bare-repository"})), "true");
}

TEST_P(BuilderTest, TakesAPackThatHoldsNothing) {
  source_.commit("a", "1");
  const auto builder = build(RepositoryKind::bare);
  import(*builder, source_.pack());

  import(*builder, source_.pack({head_of_source()}));
  builder->write_refs(source_.refs());

  EXPECT_EQ(git(target_.path(), {"fsck", "--full", "--strict"}), "");
}

TEST_P(BuilderTest, MakesAnEmptyRepositoryWithAnUnbornHead) {
  source_.run({"symbolic-ref", "HEAD", "refs/heads/unborn"});
  const auto builder = build(RepositoryKind::work_tree);

  builder->write_refs(source_.refs());
  check_out(target_.path(), source_.refs(), {});

  EXPECT_EQ(read_file(target_.path() / ".git" / "HEAD"), "ref: refs/heads/unborn\n");
  EXPECT_EQ(git(target_.path(), {"status", "--porcelain"}), "");
}

TEST_P(BuilderTest, SortsManyRefsAsGitReadsThem) {
  source_.commit("a", "1");
  std::string commands;
  for (const auto* name : {"a", "a-b", "a.b", "a0", "ab/c", "B", "\xc3\xa4", "z!"}) {
    commands += "create refs/heads/" + std::string(name) + " " + head_of_source() + "\n";
    commands += "create refs/tags/" + std::string(name) + " " + head_of_source() + "\n";
  }
  for (int i = 0; i < 2000; ++i) {
    commands += "create refs/pull/" + std::to_string(i) + "/head " + head_of_source() + "\n";
  }
  source_.run({"update-ref", "--stdin"}, commands);

  restore(RepositoryKind::bare);

  EXPECT_EQ(refs_of(target_.path()), refs_of(source_.path()));
  for (const auto* name : {"refs/heads/a", "refs/tags/a.b", "refs/pull/1999/head", "refs/heads/z!"}) {
    EXPECT_EQ(trim(git(target_.path(), {"rev-parse", "--verify", name})), head_of_source()) << name;
  }
}

TEST_P(BuilderTest, NamesTheFirstRefWhoseObjectIsMissing) {
  source_.commit("a", "1");
  const auto builder = build(RepositoryKind::bare);
  import(*builder, source_.pack());
  RefState state = source_.refs();
  const auto absent = Oid::parse(std::string(hex_size(GetParam().format), '7')).value();
  state.refs.push_back({"refs/tags/lost", absent});

  const Error failure = error_of([&] { builder->write_refs(state); });

  EXPECT_EQ(failure.kind(), ErrorKind::corrupt);
  EXPECT_THAT(failure.message(), AllOf(HasSubstr("refs/tags/lost"), HasSubstr(absent.hex())));
}

TEST_P(BuilderTest, ChecksTheObjectOfADetachedHead) {
  source_.commit("a", "1");
  const auto builder = build(RepositoryKind::bare);
  import(*builder, source_.pack());
  RefState state = source_.refs();
  state.head = {.symref_target = "", .oid = Oid::parse(std::string(hex_size(GetParam().format), '7'))};

  EXPECT_THAT(error_of([&] { builder->write_refs(state); }).message(), HasSubstr("HEAD"));
}

TEST_P(BuilderTest, NamesTheRefThatLacksAnObjectAndTheObject) {
  source_.commit("dir/old", "only in the first commit");
  const auto first = head_of_source();
  source_.commit("dir/old", "changed");
  source_.run({"tag", "-a", "v1", "-m", "first", first});
  source_.run({"branch", "a-whole-one", first});
  source_.commit("dir/new", "only in the last commit");
  const auto name_of = [&](const std::string& what) {
    return std::string(trim(source_.run({"rev-parse", what})));
  };
  const std::vector<std::pair<std::string, std::string>> cases = {
      {name_of("main:dir/new"), "refs/heads/main"},
      {name_of("main:dir"), "refs/heads/main"},
      {name_of("main^{tree}"), "refs/heads/main"},
      {name_of("main~1"), "refs/heads/main"},
      {name_of(first + ":dir/old"), "refs/heads/a-whole-one"},
      {name_of(first + "^{tree}"), "refs/heads/a-whole-one"}};

  for (const auto& [lost, ref] : cases) {
    const ScratchFolder target;
    const auto builder = create_repository(target.path(), traits(RepositoryKind::bare), {});
    import(*builder, source_.pack_but(lost));
    builder->write_refs(source_.refs());

    const Error failure = error_of([&] { builder->prove_connected(source_.refs()); });

    EXPECT_EQ(failure.kind(), ErrorKind::corrupt);
    EXPECT_THAT(failure.message(), AllOf(HasSubstr(ref + " leads to the "), HasSubstr(lost)));
  }
}

TEST_P(BuilderTest, ProvesWhatIsWholeWhateverFsckSaysOfIt) {
  const auto blob = oid_of("1");
  const auto below = source_.raw_tree(entry("100644", "x", blob));
  commit_tree(source_.raw_tree(entry("100664", "b", blob) + entry("100644", "a", blob) +
                               entry("040000", "dir", below) + entry("160000", "module", blob)));
  const auto tree = std::string(trim(source_.run({"rev-parse", "main^{tree}"})));
  const auto odd = std::string(
      trim(source_.run({"hash-object", "--literally", "-t", "commit", "-w", "--stdin"},
                       "tree " + tree + "\nparent " + head_of_source() + "\nparent " + head_of_source() +
                           "\nauthor NoSpace<a@b> 1 +0000\ncommitter X <x@y> 1287367363 +51800\n\nodd\n")));
  const auto tag = std::string(trim(source_.run({"hash-object", "--literally", "-t", "tag", "-w", "--stdin"},
                                                "object " + odd + "\ntype commit\ntag old\n\nno tagger\n")));
  source_.run({"update-ref", "refs/heads/main", odd});
  source_.run({"update-ref", "refs/tags/old", tag});
  source_.run({"update-ref", "refs/tags/blob", blob});
  source_.run({"update-ref", "refs/replace/" + odd, "main~1"});
  const auto builder = build(RepositoryKind::bare);
  import(*builder, source_.pack());
  builder->write_refs(source_.refs());

  builder->prove_connected(source_.refs());
}

TEST_P(BuilderTest, ProvesWhatARefLeadsToInPlaceOfItsReplacement) {
  source_.commit("a", "lost");
  const auto lost = std::string(trim(source_.run({"rev-parse", "main:a"})));
  source_.commit("a", "kept");
  const auto replaced = std::string(trim(source_.run({"rev-parse", "main~1"})));
  source_.run({"update-ref", "refs/replace/" + replaced, "main"});
  const auto builder = build(RepositoryKind::bare);
  import(*builder, source_.pack_but(lost));
  builder->write_refs(source_.refs());

  EXPECT_THAT(error_of([&] { builder->prove_connected(source_.refs()); }).message(), HasSubstr(lost));
}

// The second proof need not walk what the first one has, and takes nothing for proved that it has not.
TEST_P(BuilderTest, ProvesMoreWhenMoreHasCome) {
  source_.commit("a", "1");
  const auto first = source_.refs();
  const auto first_pack = source_.pack();
  const auto head = head_of_source();
  source_.commit("b", "only here");
  source_.commit("c", "newest");
  const auto builder = build(RepositoryKind::bare);
  import(*builder, first_pack);
  builder->prove_connected(first);
  const auto lost = std::string(trim(source_.run({"rev-parse", "main:b"})));

  import(*builder, source_.pack_but(lost));
  const auto lacking = error_of([&] { builder->prove_connected(source_.refs()); });
  const auto again = error_of([&] { builder->prove_connected(source_.refs()); });
  import(*builder, source_.pack({head}));
  builder->prove_connected(source_.refs());
  builder->prove_connected(first);

  EXPECT_THAT(lacking.message(), HasSubstr(lost));
  EXPECT_THAT(again.message(), HasSubstr(lost));
}

TEST_P(BuilderTest, FollowsNoLinksWhenStopped) {
  source_.commit("a", "1");
  const auto builder = build(RepositoryKind::bare);
  import(*builder, source_.pack());
  builder->write_refs(source_.refs());
  stop_.request_stop();

  EXPECT_EQ(error_of([&] { builder->prove_connected(source_.refs()); }).kind(), ErrorKind::cancelled);
}

TEST_P(BuilderTest, ChecksOutFilesAsGitDoes) {
  source_.commit("deep/er/file", "content\n");
  source_.commit("with space \xc3\xa4\\:*?\"<>|", "odd\n");
  source_.commit("con", "a name that Windows does not like\n");
  fs::create_symlink("deep/er/file", source_.path() / "link");
  source_.commit("run.sh", "#!/bin/sh\n");
  fs::permissions(source_.path() / "run.sh", fs::perms(0755));
  source_.commit(".gitattributes",
                 "*.txt text=auto\n*.crlf text eol=crlf\n*.id ident\n*.bin filter=lfs -text\n");
  source_.commit("a.txt", "one\ntwo\n");
  source_.commit("b.crlf", "one\ntwo\n");
  source_.commit("c.id", "$Id$\n");
  source_.commit("d.bin", "version https://git-lfs.github.com/spec/v1\n");

  restore(RepositoryKind::work_tree);

  EXPECT_EQ(git(target_.path(), {"status", "--porcelain"}), "");
  EXPECT_EQ(read_file(target_.path() / "b.crlf"), "one\r\ntwo\r\n");
  EXPECT_EQ(read_file(target_.path() / "a.txt"), "one\ntwo\n");
  EXPECT_THAT(read_file(target_.path() / "c.id"), HasSubstr("$Id: "));
  EXPECT_EQ(fs::read_symlink(target_.path() / "link"), "deep/er/file");
  EXPECT_NE(fs::status(target_.path() / "run.sh").permissions() & fs::perms::owner_exec, fs::perms::none);
  EXPECT_EQ(git(target_.path(), {"fsck", "--full", "--strict"}), "");
}

TEST_P(BuilderTest, ChecksOutADetachedHead) {
  source_.commit("a", "1");
  source_.run({"checkout", "--quiet", "--detach"});
  source_.commit("b", "2");
  source_.run({"tag", "keep"});

  restore(RepositoryKind::work_tree);

  EXPECT_EQ(read_file(target_.path() / "b"), "2");
  EXPECT_EQ(git(target_.path(), {"status", "--porcelain"}), "");
  EXPECT_EQ(refs_of(target_.path()), refs_of(source_.path()));
}

TEST_P(BuilderTest, LeavesSubmodulesEmpty) {
  source_.commit("a", "1");
  const auto tree =
      source_.raw_tree(entry("100644", "a", oid_of("1")) + entry("160000", "module", head_of_source()));
  commit_tree(tree);

  restore(RepositoryKind::work_tree);

  EXPECT_TRUE(fs::is_empty(target_.path() / "module"));
  EXPECT_EQ(git(target_.path(), {"status", "--porcelain"}), "");
}

TEST_P(BuilderTest, RefusesAPackThatIsNotWhole) {
  source_.commit("big", patterned(2000, 0));
  const std::string base = source_.pack();
  const std::string before = head_of_source();
  source_.commit("big", patterned(2000, 1000));
  std::string flipped = base;
  flipped[flipped.size() / 2] = static_cast<char>(flipped[flipped.size() / 2] ^ 1);
  const std::string empty = source_.pack({head_of_source()});
  std::string bad_empty = empty;
  bad_empty.back() = static_cast<char>(bad_empty.back() ^ 1);

  for (const auto& pack :
       {std::string(), std::string("PA"), std::string("no pack, but long enough for one, is it?"),
        base.substr(0, base.size() - 1), base + "x", flipped, source_.pack({before}), bad_empty,
        empty.substr(0, 20)}) {
    const ScratchFolder target;
    const auto builder = create_repository(target.path(), traits(RepositoryKind::bare), {});
    EXPECT_EQ(error_of([&] { import(*builder, pack); }).kind(), ErrorKind::corrupt) << pack.size();
  }
}

// gitformat-pack: type and size, then a zlib stream; git makes that one of the object's loose file. The same
// again is a second entry of the same object.
std::string with_an_object_twice(const std::string& pack) {
  const std::string blob("\x31\x78\x9c\x4b\x04\x00\x00\x62\x00\x62", 10);  // "a"
  std::string body = pack.substr(0, pack.size() - 20) + blob + blob;
  body[11] = static_cast<char>(body[11] + 2);
  Hasher hasher(HashKind::sha1);
  hasher.write(body);
  return body + hasher.finish();
}

TEST(Builder, TakesAPackWithAnObjectTwice) {
  SourceRepository source;
  source.commit("a", "1");
  const auto pack = with_an_object_twice(source.pack());
  source.commit("b", "2");
  const auto thin = source.pack({std::string(trim(source.run({"rev-parse", "main~1"})))});
  const ScratchFolder target;
  const auto builder = create_repository(target.path(), {ObjectFormat::sha1, RepositoryKind::bare}, {});

  for (const auto& each : {pack, thin}) {
    const auto importer = builder->import_pack();
    importer->write(each);
    importer->finish();
  }
  builder->write_refs(source.refs());
  builder->prove_connected(source.refs());

  EXPECT_EQ(refs_of(target.path()), refs_of(source.path()));
  EXPECT_EQ(git(target.path(), {"fsck", "--full", "--strict", "--no-dangling"}), "");
}

// Where there is no git, the walk is ours, and where git misses something, ours says what.
TEST(Builder, ProvesWithoutGitWhatItProvesWithIt) {
  SourceRepository source;
  source.commit("a", "1");
  source.commit("a", "2");
  const auto lost = std::string(trim(source.run({"rev-parse", "main~1:a"})));
  const std::string old_path = ::getenv("PATH");
  for (const auto& pack : {source.pack(), source.pack_but(lost)}) {
    const ScratchFolder target;
    ::setenv("PATH", target.path().c_str(), 1);
    const auto builder = create_repository(target.path(), {ObjectFormat::sha1, RepositoryKind::bare}, {});
    const auto importer = builder->import_pack();
    importer->write(pack);
    importer->finish();
    const auto state = [&] {
      ::setenv("PATH", old_path.c_str(), 1);
      auto refs = source.refs();
      ::setenv("PATH", target.path().c_str(), 1);
      return refs;
    }();
    builder->write_refs(state);
    std::string failure;
    try {
      builder->prove_connected(state);
    } catch (const Error& error) {
      failure = error.message();
    }
    ::setenv("PATH", old_path.c_str(), 1);

    EXPECT_EQ(failure, pack == source.pack()
                           ? ""
                           : "refs/heads/main leads to the blob " + lost + ", which is not in the backup");
  }
}

// Packs and histories are sound; git fails at one of its commands for the machine's reasons.
class GitThatFails {
 public:
  GitThatFails(const std::string& subcommand, const std::string& instead) {
    write_file(bin_.path() / "git", "#!/bin/sh\ncase \" $* \" in *\" " + subcommand + " \"*)\n" + instead +
                                        "\nesac\nPATH='" + old_path_ + "' exec git \"$@\"\n");
    fs::permissions(bin_.path() / "git", fs::perms::owner_all);
    ::setenv("PATH", (bin_.path().string() + ":" + old_path_).c_str(), 1);
  }
  GitThatFails(const GitThatFails&) = delete;
  GitThatFails& operator=(const GitThatFails&) = delete;
  ~GitThatFails() { ::setenv("PATH", old_path_.c_str(), 1); }

 private:
  const std::string old_path_ = ::getenv("PATH");
  const ScratchFolder bin_;
};

std::string says(const std::string& complaint, int exit_code) {
  return "cat >/dev/null; echo '" + complaint + "' >&2; exit " + std::to_string(exit_code);
}

const std::vector<std::string>& faults_of_the_machine() {
  static const std::vector<std::string> faults = {
      "kill -9 $$",
      "kill -TERM $$",
      "exit 127",
      says("fatal: write error: No space left on device", 128),
      says("fatal: sha1 file write error: Disk quota exceeded", 128),
      says("fatal: cannot pread pack file: Input/output error", 128),
      says("error: unable to open pack: Too many open files", 1),
      says("fatal: Out of memory, malloc failed (tried to allocate 7 bytes)", 128),
      says("fatal: mmap failed: Cannot allocate memory", 128),
      says("fatal: unable to create thread: Resource temporarily unavailable", 128)};
  return faults;
}

TEST(Builder, BlamesTheHistoryForNothingThatTheMachineDid) {
  SourceRepository source(ObjectFormat::sha256);
  source.commit("a", "1");
  const auto refs = source.refs();
  const auto commit = std::string(trim(source.run({"rev-parse", "HEAD"})));
  const ScratchFolder target;
  const auto builder = create_repository(target.path(), {ObjectFormat::sha256, RepositoryKind::bare}, {});
  const auto importer = builder->import_pack();
  importer->write(source.pack());
  importer->finish();
  builder->write_refs(refs);
  const auto fail_with = [&](const std::string& instead) {
    const GitThatFails git("rev-list", instead);
    return error_of([&] { builder->prove_connected(refs); });
  };

  for (const auto& fault : faults_of_the_machine())
    EXPECT_EQ(fail_with(fault).kind(), ErrorKind::internal) << fault;
  EXPECT_EQ(fail_with(says("error: Could not read " + commit + ": Input/output error", 128)).kind(),
            ErrorKind::internal);
  EXPECT_EQ(fail_with(says("fatal: something that names no object", 128)).kind(), ErrorKind::internal);
  EXPECT_EQ(fail_with(says("error: Could not read " + commit, 128)).message(),
            "refs/heads/main leads to the object " + commit + ", which is not in the backup");
  const GitThatFails git("rev-list", "exit 1");
  builder->prove_connected({.format = ObjectFormat::sha256, .head = {}, .refs = {}});
}

TEST(Builder, KeepsTheHistoryWhenGitCannotListItsFiles) {
  SourceRepository source(ObjectFormat::sha256);
  source.commit("a", "1");
  const auto refs = source.refs();
  const ScratchFolder target;
  const auto builder =
      create_repository(target.path(), {ObjectFormat::sha256, RepositoryKind::work_tree}, {});
  const auto importer = builder->import_pack();
  importer->write(source.pack());
  importer->finish();
  builder->write_refs(refs);
  for (const std::string subcommand : {"rev-list", "cat-file", "checkout-index"}) {
    const GitThatFails git(subcommand, "kill -9 $$");

    const auto report = check_out(target.path(), refs, {});

    ASSERT_EQ(report.count, 1U) << subcommand;
    EXPECT_EQ(report.named.front().path, subcommand == "checkout-index" ? "a" : "HEAD");
  }
  EXPECT_EQ(check_out(target.path(), refs, {}).count, 0U);
  EXPECT_EQ(refs_of(target.path()), refs_of(source.path()));
}

TEST_P(BuilderTest, StopsWhenTold) {
  source_.commit("a", patterned(2000, 0));
  const std::string pack = source_.pack();
  const auto builder = build(RepositoryKind::work_tree);
  const auto importer = builder->import_pack();
  importer->write(pack.substr(0, 100));

  stop_.request_stop();

  EXPECT_EQ(error_of([&] {
              importer->write(pack.substr(100));
              importer->finish();
            }).kind(),
            ErrorKind::cancelled);
}

TEST_P(BuilderTest, DoesNotCheckOutWhenStopped) {
  source_.commit("a", "1");
  const auto builder = build(RepositoryKind::work_tree);
  import(*builder, source_.pack());
  builder->write_refs(source_.refs());

  stop_.request_stop();

  EXPECT_EQ(error_of([&] { check_out(target_.path(), source_.refs(), stop_.get_token()); }).kind(),
            ErrorKind::cancelled);
  EXPECT_FALSE(fs::exists(target_.path() / "a"));
}

TEST_P(BuilderTest, MakesAMirrorThatKnowsItsOrigin) {
  source_.commit("a", "1");
  const auto builder = build(RepositoryKind::mirror);
  import(*builder, source_.pack());
  builder->write_refs(source_.refs());

  builder->set_origin("https://github.com/acme/si\"te.git");

  EXPECT_EQ(git(target_.path(), {"config", "--get-regexp", "^remote"}),
            "remote.origin.url https://github.com/acme/si\"te.git\n"
            "remote.origin.fetch +refs/*:refs/*\nremote.origin.mirror true\n");
}

TEST_P(BuilderTest, GivesOnlyAMirrorAnOrigin) {
  build(RepositoryKind::bare)->set_origin("https://github.com/acme/site.git");

  EXPECT_THAT(git(target_.path(), {"config", "--list", "--local"}), ::testing::Not(HasSubstr("remote")));
}

TEST_P(BuilderTest, DoesNotHearTheUsersConfiguration) {
  const ScratchFolder home;
  write_file(home.path() / ".gitconfig",
             "[core]\n\tautocrlf = true\n\thooksPath = " + (home.path() / "hooks").string() +
                 "\n\tattributesFile = " + (home.path() / "attributes").string() +
                 "\n[init]\n\tdefaultBranch = mine\n\ttemplateDir = " + (home.path() / "template").string() +
                 "\n[filter \"loud\"]\n\tsmudge = touch " + (home.path() / "ran").string() +
                 "\n\trequired = true\n");
  write_file(home.path() / "attributes", "* filter=loud\n");
  write_file(home.path() / "template" / "hooks" / "post-checkout", "#!/bin/sh\n");
  const std::string old_home = ::getenv("HOME") == nullptr ? "" : ::getenv("HOME");
  source_.commit("a", "one\ntwo\n");
  ::setenv("HOME", home.path().c_str(), 1);

  restore(RepositoryKind::work_tree);

  ::setenv("HOME", old_home.c_str(), 1);
  EXPECT_EQ(read_file(target_.path() / "a"), "one\ntwo\n");
  EXPECT_FALSE(fs::exists(home.path() / "ran"));
  EXPECT_FALSE(fs::exists(target_.path() / ".git" / "hooks" / "post-checkout"));
}

TEST(Builder, SaysWhatToDoWhereThereIsNoGit) {
  const ScratchFolder target;
  const std::string old_path = ::getenv("PATH");
  ::setenv("PATH", target.path().c_str(), 1);

  const auto failure =
      error_of([&] { create_repository(target.path(), {ObjectFormat::sha256, RepositoryKind::bare}, {}); });

  ::setenv("PATH", old_path.c_str(), 1);
  EXPECT_EQ(failure.kind(), ErrorKind::internal);
  EXPECT_THAT(failure.message(), AllOf(HasSubstr("install git 2.29 or newer and give the same command again"),
                                       HasSubstr("follow README.txt of the vault")));
}

// Nor for SHA-256, where nothing is left to prove and no files are to be written.
TEST(Builder, NeedsNoGitForPacksAndRefs) {
  for (const auto format : {ObjectFormat::sha1, ObjectFormat::sha256}) {
    SourceRepository source(format);
    source.commit("a", "1");
    const auto pack = source.pack();
    const auto state = source.refs();
    const ScratchFolder target;
    const std::string old_path = ::getenv("PATH");
    ::setenv("PATH", target.path().c_str(), 1);

    const auto builder = create_repository(
        target.path(), {.format = format, .kind = RepositoryKind::bare, .needs_proof = false}, {});
    const auto importer = builder->import_pack();
    importer->write(pack);
    importer->finish();
    builder->write_refs(state);

    ::setenv("PATH", old_path.c_str(), 1);
    EXPECT_TRUE(importer->is_connected());
    EXPECT_EQ(refs_of(target.path()), refs_of(source.path()));
    EXPECT_EQ(git(target.path(), {"fsck", "--full", "--strict"}), "");
  }
}

TEST(Builder, RefusesAFolderThatIsARepositoryAlready) {
  const ScratchFolder target;
  create_repository(target.path(), {ObjectFormat::sha1, RepositoryKind::bare}, {});

  EXPECT_THROW(create_repository(target.path(), {ObjectFormat::sha1, RepositoryKind::bare}, {}), Error);
}

}  // namespace
}  // namespace hubkeep
