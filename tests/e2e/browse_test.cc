// ls, cat, log and diff, held against what git says of the same repository.
#include <fmt/format.h>
#include <gmock/gmock.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "base/text.h"
#include "e2e/bucket_vault.h"
#include "e2e/random_history.h"
#include "s3/fake_s3.h"
#include "s3/meddler.h"
#include "vault/manifest.h"

namespace hubkeep {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;
using testing::MatchesRegex;
using testing::Not;
using testing::StartsWith;

std::string raw_git(const fs::path& repository, std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), {"git", "-C", repository.string(), "-c", "core.quotePath=false"});
  return sim::run_checked(arguments).out;
}

std::vector<std::string> lines_of(const std::string& text, char end) {
  std::vector<std::string> lines;
  for (const auto line : split(text, end))
    if (!line.empty()) lines.emplace_back(line);
  return lines;
}

int requests_of(const sim::RunResult& result) {
  const auto end = result.err.find(" requests, ");
  const auto begin = result.err.rfind('\n', end);
  return std::stoi(result.err.substr(begin == std::string::npos ? 0 : begin + 1));
}

class Browse : public EndToEnd {
 protected:
  sim::RunResult look(std::vector<std::string> arguments, sim::Environment environment = {}) {
    environment.emplace("XDG_CACHE_HOME", (scratch_ / "cache").string());
    environment.emplace("HUBKEEP_FROM", vault().string());
    return hubkeep(std::move(arguments), std::move(environment));
  }
  std::string seen(std::vector<std::string> arguments) {
    const auto result = look(arguments);
    EXPECT_EQ(result.exit_code, 0) << testing::PrintToString(arguments) << result.err;
    return result.out;
  }
  std::string refusal(std::vector<std::string> arguments) {
    const auto result = look(arguments);
    EXPECT_EQ(result.exit_code, 1) << testing::PrintToString(arguments) << result.out;
    EXPECT_EQ(result.out, "");
    return result.err;
  }

  // What hubkeep says of one state of octo/site, against a repository that is in that state.
  void compare_refs(const fs::path& git, const std::string& at) {
    for (const std::string& ref :
         lines_of(raw_git(git, {"for-each-ref", "--format=%(refname)", "refs/heads"}), '\n')) {
      EXPECT_EQ(seen({"log", "octo/site", "--at", at, "--ref", ref}),
                printable_lines(raw_git(git, {"log", ref})))
          << ref;
      compare_tree(git, at, ref, "");
    }
  }
  void compare_tree(const fs::path& git, const std::string& at, const std::string& ref,
                    const std::string& folder) {
    std::string expected;
    const std::string tree = ref + ":" + folder;
    for (const std::string& line : lines_of(raw_git(git, {"ls-tree", "--long", "-z", tree}), '\0')) {
      const auto tab = line.find('\t');
      const std::string name = line.substr(tab + 1);
      expected += line.substr(0, tab + 1) + printable(name) + "\n";
      const std::string path = folder.empty() ? name : folder + "/" + name;
      if (line.find(" tree ") != std::string::npos) {
        compare_tree(git, at, ref, path);
      } else if (line.find(" blob ") != std::string::npos) {
        EXPECT_EQ(seen({"cat", "octo/site", "--at", at, "--ref", ref, "--", path}),
                  raw_git(git, {"cat-file", "blob", ref + ":" + path}));
      }
    }
    std::vector<std::string> arguments = {"ls", "octo/site", "--at", at, "--ref", ref};
    if (!folder.empty()) arguments.insert(arguments.end(), {"--", folder});
    EXPECT_EQ(seen(arguments), expected) << tree;
  }
};

class BrowseOfFormat : public Browse, public testing::WithParamInterface<sim::ObjectFormat> {};
INSTANTIATE_TEST_SUITE_P(Formats, BrowseOfFormat,
                         testing::Values(sim::ObjectFormat::sha1, sim::ObjectFormat::sha256),
                         [](const auto& format) {
                           return format.param == sim::ObjectFormat::sha1 ? "sha1" : "sha256";
                         });

// Increments that are thin, branches that are rewound, tags, another HEAD.
TEST_P(BrowseOfFormat, SaysOfEverySnapshotWhatGitSaysOfIt) {
  const auto id = add_repository("site", {.object_format = GetParam()});
  RandomHistory history(path_of(id), 16);
  std::vector<fs::path> states;
  for (int i = 0; i < 6; ++i) {
    for (int step = 0; step < 3; ++step) history.step();
    pushed(id);
    ASSERT_EQ(backup().exit_code, 0);
    states.push_back(scratch_ / ("state-" + std::to_string(i)));
    fs::copy(path_of(id), states.back(), fs::copy_options::recursive);
  }
  const auto snapshots = snapshots_of(folder_of(id));
  ASSERT_EQ(snapshots.size(), states.size());

  for (const std::size_t i : {std::size_t{0}, std::size_t{3}, states.size() - 1})
    compare_refs(states[i], snapshots[i]);
}

// A history of merges, and a file that comes, changes on both sides, goes and comes again.
TEST_F(Browse, ShowsOfAPathTheCommitsThatGitShows) {
  const auto id = add_repository("site");
  std::string stream;
  int mark = 0;
  const auto commit = [&](const std::string& branch, const std::string& parents, const std::string& changes) {
    ++mark;
    stream += "commit refs/heads/" + branch + "\nmark :" + std::to_string(mark) +
              "\nauthor A\303\266 <a@example.com> " + std::to_string(1'700'000'000 + 60 * mark) +
              " -0730\ncommitter C <c@example.com> " + std::to_string(1'700'000'000 + 60 * (mark / 2)) +
              " +0100\ndata <<END\n\n\nSubject " + std::to_string(mark) +
              "  \n\n\tindented\ta\303\266b\tc\n \n\nend\n\n\nEND\n" + parents + changes + "\n";
  };
  const auto file = [](const std::string& path, const std::string& content) {
    return "M 100644 inline " + path + "\ndata " + std::to_string(content.size()) + "\n" + content + "\n";
  };
  commit("main", "", file("a/b/file", "1") + file("other", "1"));
  commit("main", "from :1\n", file("other", "2"));
  commit("side", "from :1\n", file("a/b/file", "2"));
  commit("main", "from :2\nmerge :3\n", file("a/b/file", "2"));
  commit("main", "from :4\n", "D a\n");
  commit("other", "from :4\n", file("a/b/file", "3"));
  commit("main", "from :5\nmerge :6\n", file("a/b/file", "4"));
  commit("main", "from :7\n", file("a/b/second", "4"));
  commit("main", "from :8\n", "D a/b/file\n" + file("a/b/file/below", "5"));
  commit("side", "from :3\n", file("a/b/file", "1"));
  commit("main", "from :9\nmerge :10\nmerge :2\n", file("z", ""));
  sim::fast_import(path_of(id), stream);
  pushed(id);
  ASSERT_EQ(backup().exit_code, 0);
  const fs::path git = path_of(id);

  EXPECT_EQ(seen({"log", "octo/site"}), raw_git(git, {"log"}));
  EXPECT_EQ(seen({"log", "octo/site", "-n", "3"}), raw_git(git, {"log", "-n", "3"}));
  EXPECT_EQ(seen({"log", "octo/site", "-n", "0"}), "");
  for (const std::string path :
       {"a", "a/b", "a/b/file", "a/b/file/below", "a/b/second", "other", "z", "none"}) {
    EXPECT_EQ(seen({"log", "octo/site", "--", path}), raw_git(git, {"log", "main", "--", path})) << path;
    EXPECT_EQ(seen({"log", "octo/site", "--ref", "side", "--", path}),
              raw_git(git, {"log", "side", "--", path}))
        << path;
  }
  const auto json = nlohmann::json::parse(seen({"log", "octo/site", "-n", "1", "--json"}));
  EXPECT_EQ(json.at("commits").at(0).at("commit"), sim::git(git, {"rev-parse", "main"}));
  EXPECT_EQ(json.at("commits").at(0).at("parents").size(), 3U);
  const auto whole = seen({"log", "octo/site", "--json"});
  const auto commits = nlohmann::ordered_json::parse(whole).at("commits");
  EXPECT_EQ(std::to_string(commits.size()), sim::git(git, {"rev-list", "--count", "main"}));
  EXPECT_EQ(whole, format_json_to_print(nlohmann::ordered_json::parse(whole)) + "\n");
  EXPECT_EQ(
      seen({"log", "octo/site", "-n", "0", "--json"}),
      fmt::format("{{\n  \"snapshot\": \"{}\",\n  \"commits\": []\n}}\n", snapshots_of(folder_of(id)).at(0)));
}

class BrowseNames : public Browse {
 protected:
  BrowseNames() {
    std::string stream =
        "commit refs/heads/main\ncommitter A <a@example.com> 1700000000 +0000\ndata 2\n\033[\n"
        "M 100755 inline run\ndata 1\nx\nM 120000 inline link\ndata 11\n../../where\n"
        "M 160000 1111111111111111111111111111111111111111 vendor/lib\n"
        "M 100644 inline binary\ndata 4\n";
    stream += std::string("\0\r\n\xff", 4) + "\nM 100644 inline empty\ndata 0\n\n";
    for (const char* name : {R"("\033]0;x\007")", R"("tab\there")", R"("line\nbreak")", "--help",
                             R"("\303\244")", R"("not \377 utf-8")", R"("a space")"})
      stream += std::string("M 100644 inline ") + name + "\ndata 1\nx\n";
    stream += "tag v1\nfrom refs/heads/main\ntagger A <a@example.com> 1700000000 +0000\ndata 1\nx\n";
    sim::fast_import(path_of(id_), stream);
    sim::git(path_of(id_), {"update-ref", "refs/pull/7/head", "refs/heads/main"});
    sim::git(path_of(id_), {"update-ref", "refs/heads/same", "refs/heads/main"});
    sim::git(path_of(id_), {"update-ref", "refs/tags/same", "refs/tags/v1"});
    sim::git(path_of(id_), {"tag", "file", "main:run"});
    pushed(id_);
    EXPECT_EQ(backup().exit_code, 0);
  }

  const sim::RepositoryId id_ = add_repository("site");
};

TEST_F(BrowseNames, AreWhatTheyAreInGitAndHarmlessOnATerminal) {
  compare_refs(path_of(id_), snapshots_of(folder_of(id_)).back());

  const std::string listed = seen({"ls", "octo/site"});
  EXPECT_THAT(listed, AllOf(HasSubstr(R"(\x1b]0;x\x07)"), HasSubstr("\t--help\n"), Not(HasSubstr("\033"))));
  EXPECT_THAT(seen({"log", "octo/site"}), AllOf(HasSubstr("    \\x1b["), Not(HasSubstr("\033"))));
  EXPECT_THAT(seen({"ls", "octo/site", "vendor"}),
              "160000 commit 1111111111111111111111111111111111111111       -\tlib\n");
  EXPECT_EQ(seen({"ls", "octo/site", "run"}), raw_git(path_of(id_), {"ls-tree", "--long", "main", "run"}));
  EXPECT_EQ(seen({"cat", "octo/site", "link"}), "../../where");
  const auto json = nlohmann::json::parse(seen({"ls", "octo/site", "vendor", "--json"}));
  EXPECT_EQ(json.at("entries").at(0).at("size"), nullptr);
}

TEST_F(BrowseNames, LeadByEveryNameOfARevision) {
  const std::string commit = sim::git(path_of(id_), {"rev-parse", "main"});
  const std::string tree = sim::git(path_of(id_), {"rev-parse", "main^{tree}"});
  const std::string all = seen({"ls", "octo/site"});
  for (const std::string& ref :
       {std::string("HEAD"), std::string("main"), std::string("heads/main"), std::string("refs/heads/main"),
        std::string("v1"), std::string("tags/v1"), std::string("refs/pull/7/head"),
        std::string("pull/7/head"), commit, commit.substr(0, 9), tree, tree.substr(0, 12)})
    EXPECT_EQ(seen({"ls", "octo/site", "--ref", ref}), all) << ref;
}

TEST_F(BrowseNames, ThatMeanNothingAreRefusedWithWhatToDo) {
  EXPECT_THAT(refusal({"ls", "octo/none"}), HasSubstr("the vault holds no repository octo/none"));
  EXPECT_THAT(refusal({"ls", "octo/site", "none/x"}), HasSubstr("there is no none/x in the tree "));
  EXPECT_THAT(refusal({"ls", "octo/site", "run/x"}), HasSubstr("there is no run/x"));
  EXPECT_THAT(refusal({"cat", "octo/site", "vendor"}), HasSubstr("vendor is a folder: hubkeep ls shows"));
  EXPECT_THAT(
      refusal({"cat", "octo/site", "vendor/lib"}),
      HasSubstr("is a submodule: commit 1111111111111111111111111111111111111111 of another repository"));
  EXPECT_THAT(refusal({"log", "octo/site", "--ref", "no\033ne"}),
              HasSubstr("no branch, tag, ref or object no\\x1bne"));
  EXPECT_THAT(refusal({"log", "octo/site", "--ref", "file"}), HasSubstr("is a blob, not a commit"));
  EXPECT_THAT(refusal({"ls", "octo/site", "--ref", "file"}), HasSubstr("is a file's content, not a commit"));
  EXPECT_THAT(refusal({"ls", "octo/site", "--ref", "same"}),
              HasSubstr("same is a tag and a branch: say tags/same or heads/same"));
  EXPECT_THAT(refusal({"ls", "octo/site", "--ref", "0123456789"}), HasSubstr("object 0123456789"));
  EXPECT_THAT(refusal({"ls", "octo/site", "--at", "2001-01-01"}), HasSubstr("2001"));
  EXPECT_THAT(refusal({"ls", "octo/site", "--at", "20011123T184501Z-3f9a1c"}), HasSubstr("20011123T184501Z"));
  EXPECT_THAT(refusal({"diff", "octo/site", "--from", "nonsense", "--to", "2030-01-01"}),
              HasSubstr("nonsense"));

  for (const std::vector<std::string>& wrong :
       std::vector<std::vector<std::string>>{{"ls"},
                                             {"cat", "octo/site"},
                                             {"log", "octo/site", "-n", "x"},
                                             {"log", "octo/site", "-n"},
                                             {"diff", "octo/site", "--from", "2026-01-01"},
                                             {"ls", "octo/site", "a", "b"},
                                             {"ls", "octo/site", "--ref="}})
    EXPECT_EQ(look(wrong).exit_code, 2) << testing::PrintToString(wrong);
}

TEST_F(Browse, OfAnEmptyRepositorySaysThatItIs) {
  add_repository("site");
  ASSERT_EQ(backup().exit_code, 0);

  for (const char* command : {"ls", "log"})
    EXPECT_THAT(refusal({command, "octo/site"}),
                HasSubstr("HEAD is refs/heads/main, which has no commit yet"));
}

std::string went_and_came(const fs::path& git, const std::string& before, const std::string& after) {
  const auto counts =
      lines_of(sim::git(git, {"rev-list", "--left-right", "--count", before + "..." + after}), '\t');
  return count_of(std::stoul(counts.at(0)), "commit") + " went, " +
         count_of(std::stoul(counts.at(1)), "commit") + " came";
}

TEST_F(Browse, DiffShowsWhatBecameOfBranchesTagsCommitsAndFiles) {
  const auto id = add_filled("site", 3);
  const fs::path git = path_of(id);
  for (const char* branch : {"going", "rewound", "forked"}) sim::git(git, {"branch", branch, "main"});
  sim::git(git, {"tag", "old", "main~1"});
  ASSERT_EQ(backup().exit_code, 0);
  const std::string before = sim::git(git, {"rev-parse", "main"});
  sim::git(git, {"branch", "-D", "going"});
  sim::git(git, {"update-ref", "-d", "refs/tags/old"});
  sim::git(git, {"branch", "-f", "rewound", "main~2"});
  sim::fast_import(git,
                   "commit refs/heads/forked\ncommitter A <a@example.com> 1700009000 +0000\ndata 4\nfork\n"
                   "from refs/heads/main~1\nM 100644 inline fork\ndata 1\nx\n");
  sim::git(git, {"tag", "-a", "-m", "x", "new", "main"});
  push_file(id, "one");
  push_file(id, "two");
  ASSERT_EQ(backup().exit_code, 0);
  const auto ids = snapshots_of(folder_of(id));

  const std::string text = seen({"diff", "octo/site", "--from", ids.at(0), "--to", ids.at(1)});
  EXPECT_THAT(text, MatchesRegex("from " + ids.at(0) + "  [^\n]+  HEAD refs/heads/main\nto   " + ids.at(1) +
                                 "(.|\n)*"));
  const std::string old = before.substr(0, 7);
  EXPECT_THAT(text, HasSubstr("branches and tags that changed: 6\n"));
  EXPECT_THAT(text, HasSubstr("  rewound  refs/heads/forked  " + old + ".."));
  EXPECT_THAT(text, HasSubstr("  " + went_and_came(git, before, "forked") + "\n"));
  EXPECT_THAT(text, HasSubstr("  went     refs/heads/going  " + old + "\n"));
  EXPECT_THAT(text, HasSubstr("  forward  refs/heads/main  " + old + ".."));
  EXPECT_THAT(text, HasSubstr("  2 commits came\n"));
  EXPECT_THAT(text, HasSubstr("  rewound  refs/heads/rewound  " + old + ".."));
  EXPECT_THAT(text, HasSubstr("  came     refs/tags/new  "));
  EXPECT_THAT(text, HasSubstr("  went     refs/tags/old  "));
  EXPECT_THAT(text, HasSubstr("commits that went: 0\ncommits that came: 3\n"));
  EXPECT_THAT(text, HasSubstr(" 2023-11-15T00:43:20Z fork\n"));
  const std::string files = raw_git(git, {"diff", "--name-status", "--no-renames", before, "main"});
  EXPECT_TRUE(text.ends_with("files of HEAD that changed: " + std::to_string(lines_of(files, '\n').size()) +
                             "\n" + files))
      << text << files;

  const auto json =
      nlohmann::json::parse(seen({"diff", "octo/site", "--from", ids.at(1), "--to", ids.at(0), "--json"}));
  EXPECT_EQ(json.at("commits_went").size(), 3U);
  EXPECT_EQ(json.at("commits_came").size(), 0U);
  EXPECT_EQ(json.at("refs").size(), 6U);
  EXPECT_THAT(
      seen({"diff", "octo/site", "--from", ids.at(1), "--to", ids.at(1)}),
      HasSubstr("changed: 0\ncommits that went: 0\ncommits that came: 0\nfiles of HEAD that changed: 0\n"));
}

// A type that changes, a folder in place of a file and back, modes alone.
TEST_F(Browse, DiffNamesFilesAsGitDoes) {
  const auto id = add_repository("site");
  const auto commit = [&](const std::string& changes, bool first = false) {
    sim::fast_import(path_of(id),
                     "commit refs/heads/main\ncommitter A <a@example.com> 1700000000 +0000\ndata 1\nx\n" +
                         std::string(first ? "" : "from refs/heads/main^0\n") + changes);
    pushed(id);
    EXPECT_EQ(backup().exit_code, 0);
    return sim::git(path_of(id), {"rev-parse", "main"});
  };
  const auto file = [](const std::string& path, const std::string& mode = "100644") {
    return "M " + mode + " inline " + path + "\ndata " + std::to_string(path.size()) + "\n" + path + "\n";
  };
  const std::string before = commit(file("a") + file("a.b") + file("d/x") + file("d/y") + file("d.e") +
                                        file("mode") + file("type") + file("same/z"),
                                    true);
  const std::string after = commit("D a\nD d\n" + file("a/x") + file("d") + file("mode", "100755") +
                                   file("type", "120000") + "M 160000 " + before + " sub\n");
  const auto ids = snapshots_of(folder_of(id));

  const std::string expected = raw_git(path_of(id), {"diff", "--name-status", "--no-renames", before, after});
  EXPECT_THAT(seen({"diff", "octo/site", "--from", ids.at(0), "--to", ids.at(1)}),
              HasSubstr("changed: 8\n" + expected));
}

// A short tree with a long name before each of its entries: more than anybody reads.
TEST_F(Browse, DiffNamesNoMoreThanMemoryHolds) {
  const auto id = add_filled("site");
  ASSERT_EQ(backup().exit_code, 0);
  std::ofstream(scratch_ / "file") << "x";
  const auto blob = sim::git(path_of(id), {"hash-object", "-w", (scratch_ / "file").string()});
  std::string files;
  for (int i = 0; i < 2'000; ++i) files += fmt::format("100644 blob {}\t{}\n", blob, i);
  const auto tree_of = [&](const std::string& lines) {
    std::ofstream(scratch_ / "lines") << lines;
    return sim::run_checked(
               {"sh", "-c",
                fmt::format("git -C '{}' mktree <'{}'", path_of(id).string(), (scratch_ / "lines").string())})
        .out.substr(0, blob.size());
  };
  const auto root = tree_of(fmt::format("040000 tree {}\t{}\n", tree_of(files), std::string(60'000, 'n')));
  const auto commit = sim::git(path_of(id), {"-c", "user.name=A", "-c", "user.email=a@example.com",
                                             "commit-tree", "-m", "x", "-p", "HEAD", root});
  sim::git(path_of(id), {"update-ref", "refs/heads/main", commit});
  pushed(id);
  ASSERT_EQ(backup().exit_code, 0);
  const auto ids = snapshots_of(folder_of(id));

  const auto json =
      nlohmann::json::parse(seen({"diff", "octo/site", "--from", ids.at(0), "--to", ids.at(1), "--json"}));

  EXPECT_EQ(json.at("files_cut"), true);
  EXPECT_GT(json.at("files").size(), 1'000U);
  EXPECT_LT(json.at("files").size(), 1'200U);
}

TEST_F(Browse, ReadsLessFromTheCacheAndDoesWithoutIt) {
  const auto id = add_filled("site");
  ASSERT_EQ(backup().exit_code, 0);
  const std::vector<std::string> command = {"ls", "octo/site"};
  const auto first = look(command);
  ASSERT_EQ(first.exit_code, 0) << first.err;
  const auto second = look(command);

  EXPECT_EQ(second.out, first.out);
  EXPECT_THAT(first.err, MatchesRegex("(.|\n)*[0-9]+ requests, [^\n]+ read\n"));
  EXPECT_LT(requests_of(second), requests_of(first));
  EXPECT_EQ(look({"ls", "octo/site", "--quiet"}).err, "");
  const fs::path cache = scratch_ / "cache" / "hubkeep";
  EXPECT_EQ(fs::status(cache).permissions(), fs::perms::owner_all);
  int damaged = 0;
  for (const auto& each : fs::directory_iterator(cache)) {
    std::ofstream(each.path(), std::ios::binary | std::ios::in) << "damaged";
    ++damaged;
  }
  EXPECT_GE(damaged, 2);
  EXPECT_EQ(seen(command), first.out);
  EXPECT_EQ(look(command).err, second.err);  // what was damaged is replaced
  std::ofstream(scratch_ / "file") << "x";
  for (const std::string& folder : {(scratch_ / "file").string(), std::string("/proc/none"), std::string()}) {
    const auto without = look(command, {{"XDG_CACHE_HOME", folder}});
    EXPECT_EQ(without.exit_code, 0) << without.err;
    EXPECT_EQ(without.out, first.out);
  }
  EXPECT_EQ(state_of(path_of(id)), state_of(path_of(id)));
}

TEST_F(Browse, NamesTheObjectOfADamagedBundle) {
  const auto id = add_filled("site");
  ASSERT_EQ(backup().exit_code, 0);
  ASSERT_EQ(look({"ls", "octo/site"}).exit_code, 0);  // its index is in the cache
  fs::path bundle;
  for (const auto& each : fs::recursive_directory_iterator(folder_of(id)))
    if (each.path().extension() == ".bundle") bundle = each.path();
  std::fstream file(bundle, std::ios::binary | std::ios::in | std::ios::out);
  std::string bytes(fs::file_size(bundle), '\0');
  file.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  const auto first_entry = bytes.find("\n\nPACK") + 14;
  file.seekp(static_cast<std::streamoff>(first_entry));
  file << std::string(bytes.size() - first_entry - 20, 'x');
  file.close();
  for (const auto& each : fs::directory_iterator(scratch_ / "cache" / "hubkeep"))
    if (each.path().extension() != ".idx") fs::remove(each.path());

  EXPECT_THAT(refusal({"log", "octo/site"}),
              AllOf(HasSubstr("at offset"), HasSubstr("whether the vault is damaged is "
                                                      "said by hubkeep verify")));

  // Nothing of it stays in the cache.
  file.open(bundle, std::ios::binary | std::ios::in | std::ios::out);
  file << bytes;
  file.close();
  EXPECT_EQ(look({"log", "octo/site"}).exit_code, 0);
}

// Its bundles have no index: the first version wrote them.
TEST_F(Browse, OfAnOldVaultReadsWhatHasNoIndexOnce) {
  fs::copy(HUBKEEP_SOURCE_DIR "/tests/fixtures/format-1/vault", vault(), fs::copy_options::recursive);
  const fs::path restored = restore("octo/chain");
  const auto first = look({"ls", "octo/chain"});
  const auto second = look({"ls", "octo/chain"});

  EXPECT_THAT(first.err,
              MatchesRegex("note: [0-9]+ bundles? without an index, of [^\n]+: read as a whole this once, "
                           "to make one\n[0-9]+ requests, [^\n]+ read\n"));
  EXPECT_THAT(second.err, MatchesRegex("[0-9]+ requests, [^\n]+ read\n"));
  EXPECT_EQ(first.out, raw_git(restored, {"ls-tree", "--long", "HEAD"}));
  EXPECT_EQ(second.out, first.out);
  EXPECT_EQ(seen({"log", "octo/chain"}), raw_git(restored, {"log", "HEAD"}));
}

class BrowseBucket : public BucketVault {
 protected:
  sim::RunResult look(std::vector<std::string> arguments, const std::string& endpoint) {
    auto environment = this->environment(endpoint);
    environment.emplace("XDG_CACHE_HOME", (scratch_ / "cache").string());
    environment.emplace("HUBKEEP_FROM", location());
    return hubkeep(std::move(arguments), std::move(environment));
  }

  FakeS3 fake_;
  S3Backend backend_ = [this](const sim::HttpRequest& request) { return fake_.handle(request); };
};

TEST_F(BrowseBucket, AsksForFewPiecesAndCountsThem) {
  const auto id = add_filled("site", 1, 200);
  Meddler server(backend_);
  for (int i = 0; i < 3; ++i) {
    ASSERT_EQ(backup_to(server.endpoint()).exit_code, 0);
    if (i < 2) push_file(id, "changed " + std::to_string(i));
  }
  const auto count = [&](std::vector<std::string> arguments) {
    const auto before = server.requests().size();
    const auto result = look(std::move(arguments), server.endpoint());
    EXPECT_EQ(result.exit_code, 0) << result.err;
    const std::size_t asked = server.requests().size() - before;
    EXPECT_THAT(result.err, HasSubstr(std::to_string(asked) + " requests, "));
    return asked;
  };

  EXPECT_EQ(look({"cat", "octo/site", "file"}, server.endpoint()).out, "changed 1");
  // hubkeep.json, the catalog, the list of snapshots, the manifest, and two refs objects.
  EXPECT_EQ(count({"cat", "octo/site", "file"}), 6U);
  for (const auto& each : fs::directory_iterator(scratch_ / "cache" / "hubkeep"))
    if (each.path().extension() != ".idx") fs::remove(each.path());
  EXPECT_EQ(count({"cat", "octo/site", "file"}), 7U);  // all that it needs is in one block
  EXPECT_LE(count({"log", "octo/site"}), 9U);
}

TEST_F(BrowseBucket, SaysHowToBringBackWhatIsArchived) {
  add_filled("site");
  Meddler server(backend_);
  ASSERT_EQ(backup_to(server.endpoint(), {"--storage-class", "GLACIER"}).exit_code, 0);

  const auto cold = look({"ls", "octo/site"}, server.endpoint());

  EXPECT_EQ(cold.exit_code, 1);
  EXPECT_THAT(cold.err, AllOf(HasSubstr("hubkeep restore --thaw standard"), HasSubstr("octo/site")));
}

}  // namespace
}  // namespace hubkeep
