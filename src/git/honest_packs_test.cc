// Packs as git makes them are never refused, and those of another question are, where that can be seen.
#include <fmt/format.h>
#include <gmock/gmock.h>

#include <algorithm>

#include "base/scratch_folder.h"
#include "base/subprocess.h"
#include "base/text.h"
#include "git/pack_scanner.h"

namespace hubkeep {
namespace {

using testing::IsEmpty;

class GitRepository {
 public:
  explicit GitRepository(ObjectFormat format = ObjectFormat::sha1) : format_(format) {
    git({"init", "-q", "--bare", "-b", "main", fmt::format("--object-format={}", to_string(format))});
  }

  std::string git(std::vector<std::string> arguments, const std::string& input = {}) const {
    arguments.insert(arguments.begin(), {"git", "-C", folder_.path().string()});
    const auto result =
        run_process({.arguments = std::move(arguments),
                     .environment = {"GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_SYSTEM=/dev/null",
                                     "GIT_AUTHOR_NAME=A", "GIT_AUTHOR_EMAIL=a@example.org",
                                     "GIT_COMMITTER_NAME=A", "GIT_COMMITTER_EMAIL=a@example.org"}},
                    input, {});
    EXPECT_EQ(result.exit_code, 0) << result.errors;
    return result.output;
  }

  /// Commits `from` up to `to` of a branch: files that grow and change, in folders, with long messages that
  /// are alike, so that commits, trees and files all become deltas.
  void commit(const std::string& branch, int from, int to) {
    std::string stream;
    const auto data = [&](const std::string& text) {
      stream += fmt::format("data {}\n{}\n", text.size(), text);
    };
    for (int i = from; i < to; ++i) {
      stream += fmt::format("commit refs/heads/{}\nmark :{}\ncommitter A <a@example.org> {} +0000\n", branch,
                            i + 1, 1'700'000'000 + i);
      std::string message = fmt::format("Change {} of {}\n\n", i, branch);
      for (int line = 0; line < 40; ++line)
        message += fmt::format("line {} of a message that is long\n", line);
      data(message);
      if (i == from && has_commits_) stream += "from refs/heads/main^0\n";
      has_commits_ = true;
      std::string file;
      for (int line = 0; line < 60 + i % 7; ++line)
        file += fmt::format("line {} {}\n", line, line == i % 60 ? i : 0);
      stream += fmt::format("M 100644 inline folder{}/file{}\n", i % 3, i % 11);
      data(file);
    }
    git({"fast-import", "--quiet"}, stream);
  }

  void tag_all_kinds() {
    git({"update-ref", "refs/tags/tree", trim_end(git({"rev-parse", "main^{tree}"}))});
    git({"update-ref", "refs/tags/file", trim_end(git({"rev-parse", "main:folder0/file0"}))});
    git({"tag", "-a", "-m", "of a commit", "annotated", "main~5"});
    git({"tag", "-a", "-m", "of a tag", "twice", "annotated"});
    git({"tag", "-a", "-m", "of a file", "of-file", "main:folder1/file1"});
  }

  FetchRequest everything() const {
    FetchRequest request{.format = format_, .wants = {}, .haves = {}, .commits = 0};
    add(request, {"for-each-ref", "--format=%(objectname)", "refs/heads"});
    request.commits = request.wants.size();
    add(request, {"for-each-ref", "--format=%(objectname)"});
    return request;
  }

  std::string pack(const FetchRequest& request, std::vector<std::string> options) const {
    std::string revisions;
    for (const Oid& want : request.wants) revisions += want.hex() + "\n";
    for (const Oid& have : request.haves) revisions += "^" + have.hex() + "\n";
    options.insert(options.begin(), {"pack-objects", "--revs", "--stdout", "-q"});
    return git(std::move(options), revisions);
  }

 private:
  static std::string trim_end(const std::string& text) { return std::string(trim(text)); }
  void add(FetchRequest& request, std::vector<std::string> command) const {
    const std::string output = git(std::move(command));
    const std::size_t line = hex_size(format_) + 1;
    for (std::size_t at = 0; at + line <= output.size(); at += line) {
      request.wants.insert(Oid::parse(output.substr(at, line - 1)).value());
    }
  }

  ScratchFolder folder_;
  ObjectFormat format_;
  bool has_commits_ = false;
};

PackSummary scan(const FetchRequest& asked, const std::string& pack) {
  PackScanner scanner(asked);
  scanner.write(pack);
  return scanner.finish();
}

class HonestPacks : public testing::TestWithParam<ObjectFormat> {};

TEST_P(HonestPacks, OfAllHistoryAreNeverRefusedHoweverTheirDeltasAreWritten) {
  GitRepository repository(GetParam());
  repository.commit("main", 0, 120);
  repository.commit("side", 120, 160);
  repository.tag_all_kinds();
  const FetchRequest all = repository.everything();
  ASSERT_EQ(all.wants.size(), 7U);

  for (const std::vector<std::string>& options : std::vector<std::vector<std::string>>{
           {"--delta-base-offset"},
           {"--delta-base-offset", "--no-reuse-delta", "--depth=4095", "--window=200"},
           {"--no-reuse-delta", "--depth=4095", "--window=200"},
           {"--window=0"},
           {"--no-reuse-object", "--compression=0"}}) {
    const PackSummary summary = scan(all, repository.pack(all, options));

    EXPECT_THAT(summary.impossible, IsEmpty()) << testing::PrintToString(options);
    EXPECT_TRUE(summary.deltas > 0 || summary.not_proved == 0) << testing::PrintToString(options);
  }
}

TEST_P(HonestPacks, OfTipsThatAreDeltasAreSeen) {
  GitRepository repository(GetParam());
  repository.commit("main", 0, 40);
  const FetchRequest all = repository.everything();
  FetchRequest each = all;
  each.wants = {};
  const std::string list = repository.git({"rev-list", "--all"});
  for (std::size_t at = 0; at < list.size(); at += hex_size(GetParam()) + 1)
    each.wants.insert(Oid::parse(list.substr(at, hex_size(GetParam()))).value());
  each.commits = each.wants.size();

  const PackSummary summary =
      scan(each, repository.pack(all, {"--delta-base-offset", "--no-reuse-delta", "--window=50"}));

  EXPECT_THAT(summary.impossible, IsEmpty());
  EXPECT_EQ(summary.not_proved, 0U);
}

TEST_P(HonestPacks, OfWhatIsNewAreNeverRefusedAndAreNoBase) {
  GitRepository repository(GetParam());
  repository.commit("main", 0, 60);
  const FetchRequest before = repository.everything();
  repository.commit("main", 60, 90);
  FetchRequest increment = repository.everything();
  const FetchRequest base = increment;
  increment.haves = {before.wants.begin(), before.wants.end()};
  FetchRequest rewind = increment;
  rewind.wants = increment.haves;
  rewind.haves = {increment.wants.begin(), increment.wants.end()};
  const std::string thin = repository.pack(increment, {"--thin", "--delta-base-offset"});

  EXPECT_THAT(scan(increment, thin).impossible, IsEmpty());
  EXPECT_THAT(scan(rewind, repository.pack(rewind, {"--thin"})).impossible, IsEmpty());
  EXPECT_EQ(scan(rewind, repository.pack(rewind, {"--thin"})).not_proved, 1U);
  EXPECT_EQ(scan(base, thin).impossible, "it has deltas without their bases");
  EXPECT_EQ(scan(base, repository.pack(before, {"--delta-base-offset"})).impossible, "it lacks 1 of 1 tips")
      << "an old answer";
}

INSTANTIATE_TEST_SUITE_P(Formats, HonestPacks, testing::Values(ObjectFormat::sha1, ObjectFormat::sha256),
                         [](const auto& format) { return std::string(to_string(format.param)); });

}  // namespace
}  // namespace hubkeep
