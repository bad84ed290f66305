// For tests: a repository that git itself makes, and packs of it.
#pragma once

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "base/scratch_folder.h"
#include "base/subprocess.h"
#include "base/text.h"
#include "git/fetch.h"

namespace hubkeep {

class TestRepository {
 public:
  explicit TestRepository(ObjectFormat format = ObjectFormat::sha1) : format_(format) {
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

  std::string path() const { return folder_.path().string(); }

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

}  // namespace hubkeep
